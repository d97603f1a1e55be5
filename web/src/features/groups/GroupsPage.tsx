import { Button } from '@mantine/core';
import { IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { settingsQuery } from '@/api/settings';
import type { Group } from '@/api/types';
import { usePermission } from '@/app/session';
import { GridMessage, ListPage, type CellRenderers, type FieldDef, type GridRow } from '@/grid';
import { typeChoices } from './data';
import { GroupDialog } from './GroupDialog';

type Row = Group & GridRow;

const renderers: CellRenderers<Row> = {
  members: (_, cell) => <span className="num">{cell.text}</span>,
};

export default function GroupsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { new?: string };
  const mayWrite = usePermission('group.write');
  const settings = useQuery({ ...settingsQuery, enabled: usePermission('setting.read') });
  const own = settings.data?.group_types;
  const refine = useCallback(
    (field: FieldDef) => {
      if (field.name === 'description') return { ...field, width: 260 };
      return field.name === 'type' ? { ...field, choices: typeChoices(t, own) } : field;
    },
    [t, own],
  );
  const setNew = (open: boolean) =>
    void navigate({ to: '/groups', search: open ? { new: '1' } : {}, replace: true });
  const create = mayWrite && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setNew(true)}>
      {t('group.create')}
    </Button>
  );
  return (
    <ListPage<Row>
      target="groups"
      title={t('nav.groups')}
      text={t('group.text')}
      pinned={['name']}
      selectable={false}
      searchLabel={t('group.find')}
      refine={refine}
      renderers={renderers}
      rowHref={(g) => `/groups/${g.id}`}
      defaultSort={[{ field: 'name', desc: false }]}
      actions={() => create}
      empty={
        <GridMessage
          icon={IconUsersGroup}
          title={t('group.empty')}
          text={t('group.emptyText')}
          action={create}
        />
      }
    >
      {() =>
        search.new &&
        mayWrite && (
          <GroupDialog
            onClose={() => setNew(false)}
            onSaved={(g) => void navigate({ to: `/groups/${g.id}` })}
          />
        )
      }
    </ListPage>
  );
}
