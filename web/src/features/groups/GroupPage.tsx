import { Anchor, Box, Button, Group as Row } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPencil, IconTrash, IconUserMinus, IconUserPlus, IconUsers } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Customer, Group, Job, List, Ref } from '@/api/types';
import { queryClient } from '@/app/query';
import { usePermission } from '@/app/session';
import { CustomerPicker } from '@/form/pickers';
import { useFormats } from '@/i18n/format';
import { KindBadge, StatusBadge, Tag } from '@/ui/badges';
import { DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { HistoryLink } from '@/features/audit/HistoryLink';
import { PendingBanner } from '@/features/schedule/states';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { JobProgress } from '@/ui/JobProgress';
import { ListStates } from '@/ui/ListStates';
import { PageHeader } from '@/ui/PageHeader';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { isGone, RecordError } from '@/ui/RecordError';
import { Section } from '@/ui/Section';
import { groupQuery, typeLabel } from './data';
import { GroupDialog } from './GroupDialog';
import { RemoveGroupDialog } from './RemoveGroupDialog';

/** The list of customers narrowed to one group, as its address in the console. */
function membersFilter(id: string): string {
  return JSON.stringify({ and: [{ field: 'groups', op: 'in', value: [id] }] });
}

export default function GroupPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t } = useTranslation();
  const group = useQuery(groupQuery(id));
  const mayWrite = usePermission('group.write');
  const [edit, setEdit] = useDisclosure(false);
  const [remove, setRemove] = useDisclosure(false);
  const back = { to: '/groups', label: t('nav.groups') };
  if (group.error && (!group.data || isGone(group.error)))
    return (
      <RecordError
        error={group.error}
        title={t('table.groups')}
        back={back}
        onRetry={() => void group.refetch()}
      />
    );
  if (!group.data) return <FormSkeleton rows={3} />;
  return (
    <div style={{ maxWidth: 'var(--td-content-max)' }}>
      <PageHeader
        title={group.data.name}
        back={back}
        meta={<Tag tone="mute" label={typeLabel(t, group.data.type)} />}
        text={group.data.description}
        actions={
          <>
            <HistoryLink table="groups" id={group.data.id} name={group.data.name} />
            {mayWrite && (
              <>
                <Button variant="default" leftSection={<IconPencil size={16} />} onClick={setEdit.open}>
                  {t('action.edit')}
                </Button>
                <Button variant="default" leftSection={<IconTrash size={16} />} onClick={setRemove.open}>
                  {t('group.remove')}
                </Button>
              </>
            )}
          </>
        }
      />
      <PendingBanner id={group.data.id} resource="groups" />
      <Members group={group.data} mayWrite={mayWrite} />
      {edit && <GroupDialog group={group.data} onClose={setEdit.close} />}
      {remove && <RemoveGroupDialog group={group.data} onClose={setRemove.close} />}
    </div>
  );
}

function Members({ group, mayWrite }: { group: Group; mayWrite: boolean }) {
  const { t } = useTranslation();
  const f = useFormats();
  const [job, setJob] = useState<string | null>(null);
  const filter = membersFilter(group.id);
  const members = useInfiniteQuery({
    queryKey: ['customers', 'of-group', group.id],
    queryFn: ({ pageParam, signal }) =>
      api.get<List<Customer>>('/customers', {
        query: { filter, sort: 'name', limit: 50, cursor: pageParam },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor || undefined,
  });
  const change = useMutation({
    mutationFn: (v: { ids: string[]; op: 'add' | 'remove' }) =>
      api.post<Job>(`/groups/${group.id}/members`, v),
    onSuccess: (started) => setJob(started.id),
  });
  const refresh = () => {
    void queryClient.invalidateQueries({ queryKey: ['customers'] });
    void queryClient.invalidateQueries({ queryKey: ['groups'] });
  };
  const rows = members.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <Section
      title={t('group.membersCount', { count: group.members, n: f.number(group.members) })}
      text={t('group.membersText')}
      actions={
        <Button
          variant="default"
          component={Link}
          to="/customers"
          search={{ filter } as never}
          leftSection={<IconUsers size={16} />}
        >
          {t('group.openInList')}
        </Button>
      }
    >
      {mayWrite && (
        <AddMember pending={change.isPending} onAdd={(id) => change.mutate({ ids: [id], op: 'add' })} />
      )}
      <ProblemAlert error={change.error} />
      {job && <JobProgress key={job} jobId={job} onFinished={refresh} />}
      <ListStates
        query={members}
        isEmpty={rows.length === 0}
        empty={<EmptyState icon={IconUsers} title={t('group.noMembers')} text={t('group.noMembersText')} />}
      >
        <DataTable
          caption={t('group.members')}
          rows={rows}
          rowKey={(c) => c.id}
          columns={[
            {
              key: 'name',
              head: t('field.name'),
              cell: (c) => (
                <Anchor component={Link} to={`/customers/${c.id}`} fw={550}>
                  {c.name}
                </Anchor>
              ),
            },
            {
              key: 'id',
              head: t('field.customer_id'),
              cell: (c) => <span className="mono">{c.customer_id}</span>,
              wide: true,
            },
            {
              key: 'kind',
              head: t('field.kind'),
              cell: (c) => <KindBadge kind={c.kind} plain />,
              wide: true,
            },
            { key: 'status', head: t('field.status'), cell: (c) => <StatusBadge status={c.status} /> },
            ...(mayWrite
              ? [
                  {
                    key: 'remove',
                    head: null,
                    align: 'right' as const,
                    cell: (c: Customer) => (
                      <Button
                        size="compact-sm"
                        variant="subtle"
                        leftSection={<IconUserMinus size={15} />}
                        aria-label={t('group.takeOut', { name: c.name })}
                        onClick={() => change.mutate({ ids: [c.id], op: 'remove' })}
                      >
                        <Box component="span" visibleFrom="xs">
                          {t('action.remove')}
                        </Box>
                      </Button>
                    ),
                  },
                ]
              : []),
          ]}
        />
        {members.hasNextPage && (
          <Button
            mt="sm"
            variant="default"
            onClick={() => void members.fetchNextPage()}
            loading={members.isFetchingNextPage}
          >
            {t('action.loadMore')}
          </Button>
        )}
      </ListStates>
    </Section>
  );
}

function AddMember({ pending, onAdd }: { pending: boolean; onAdd: (id: string) => void }) {
  const { t } = useTranslation();
  const [who, setWho] = useState<Ref | null>(null);
  return (
    <Row align="flex-end" gap={8} mb="md">
      <div style={{ flex: '1 1 240px', maxWidth: 360 }}>
        <CustomerPicker
          label={t('group.addMember')}
          value={who}
          onChange={setWho}
          placeholder={t('group.addPlaceholder')}
        />
      </div>
      <Button
        variant="default"
        leftSection={<IconUserPlus size={16} />}
        disabled={!who}
        loading={pending}
        onClick={() => {
          if (who) onAdd(who.id);
          setWho(null);
        }}
      >
        {t('action.add')}
      </Button>
    </Row>
  );
}
