import { Anchor, Button, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus, IconSearch, IconUsersGroup } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePermission } from '@/app/session';
import { useFormats } from '@/i18n/format';
import { DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { ListStates } from '@/ui/ListStates';
import { PageHeader } from '@/ui/PageHeader';
import { groupsQuery, typeLabel } from './data';
import { GroupDialog } from './GroupDialog';

export default function GroupsPage() {
  const { t } = useTranslation();
  const f = useFormats();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { q?: string; new?: string };
  const [q, setQ] = useState(search.q ?? '');
  const [late] = useDebouncedValue(q.trim(), 200);
  const mayWrite = usePermission('group.write');
  const query = useInfiniteQuery({ ...groupsQuery(late), placeholderData: keepPreviousData });
  const groups = query.data?.pages.flatMap((p) => p.items) ?? [];
  const setNew = (open: boolean) =>
    void navigate({ to: '/groups', search: open ? { new: '1' } : {}, replace: true });
  const create = mayWrite && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setNew(true)}>
      {t('group.create')}
    </Button>
  );
  const empty = late ? (
    <EmptyState icon={IconSearch} title={t('form.noMatch')} text={t('group.noMatchText')} />
  ) : (
    <EmptyState icon={IconUsersGroup} title={t('group.empty')} text={t('group.emptyText')} action={create} />
  );
  return (
    <div style={{ maxWidth: 'var(--td-content-max)' }}>
      <PageHeader
        title={t('nav.groups')}
        text={t('group.text')}
        actions={groups.length > 0 || late ? create : null}
      />
      {(groups.length > 0 || late) && (
        <TextInput
          mb="sm"
          maw={320}
          aria-label={t('group.find')}
          placeholder={t('group.find')}
          leftSection={<IconSearch size={16} />}
          value={q}
          onChange={(e) => setQ(e.currentTarget.value)}
        />
      )}
      <ListStates query={query} isEmpty={groups.length === 0} empty={empty}>
        <DataTable
          caption={t('nav.groups')}
          rows={groups}
          rowKey={(g) => g.id}
          columns={[
            {
              key: 'name',
              head: t('field.name'),
              cell: (g) => (
                <Anchor component={Link} to={`/groups/${g.id}`} fw={550}>
                  {g.name}
                </Anchor>
              ),
            },
            { key: 'type', head: t('group.type'), cell: (g) => typeLabel(t, g.type) },
            {
              key: 'description',
              head: t('field.description'),
              cell: (g) => <Text c="dimmed">{g.description}</Text>,
              wide: true,
            },
            {
              key: 'members',
              head: t('group.members'),
              align: 'right',
              cell: (g) => <span className="num">{f.number(g.members)}</span>,
            },
          ]}
        />
        {query.hasNextPage && (
          <Button
            mt="sm"
            variant="default"
            onClick={() => void query.fetchNextPage()}
            loading={query.isFetchingNextPage}
          >
            {t('action.loadMore')}
          </Button>
        )}
      </ListStates>
      {search.new && mayWrite && (
        <GroupDialog
          onClose={() => setNew(false)}
          onSaved={(g) => void navigate({ to: `/groups/${g.id}` })}
        />
      )}
    </div>
  );
}
