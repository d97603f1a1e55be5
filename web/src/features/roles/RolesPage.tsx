import { ActionIcon, Anchor, Button, Group, Text } from '@mantine/core';
import { IconCopy, IconPlus, IconTrash, IconUsersGroup } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RoleInfo } from '@/api/types';
import { usePermission } from '@/app/session';
import { Tag } from '@/ui/badges';
import { DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { ListStates } from '@/ui/ListStates';
import { PageHeader } from '@/ui/PageHeader';
import { roleName, rolesQuery, roleText } from './data';
import { RemoveRole } from './RemoveRole';

/** /settings/roles */
export default function RolesPage() {
  const { t } = useTranslation();
  const mayWrite = usePermission('role.write');
  const [removing, setRemoving] = useState<RoleInfo | null>(null);
  const query = useQuery(rolesQuery);
  const roles = query.data ?? [];
  return (
    <div style={{ maxWidth: 900 }}>
      <PageHeader
        title={t('nav.roles')}
        text={t('rolePage.text')}
        actions={
          mayWrite && (
            <Button component={Link} to="/settings/roles/new" leftSection={<IconPlus size={16} />}>
              {t('rolePage.create')}
            </Button>
          )
        }
      />
      <ListStates
        query={query}
        rows={4}
        isEmpty={roles.length === 0}
        empty={<EmptyState icon={IconUsersGroup} title={t('nav.roles')} text={t('rolePage.text')} />}
      >
        <DataTable
          caption={t('nav.roles')}
          rows={roles}
          rowKey={(r) => r.id}
          columns={[
            {
              key: 'name',
              head: t('field.name'),
              cell: (r) => (
                <>
                  <Anchor component={Link} to={`/settings/roles/${r.id}`} fw={550}>
                    {roleName(t, r.role, roles)}
                  </Anchor>
                  <Text size="xs" c="dimmed">
                    {roleText(t, r.role, roles)}
                  </Text>
                  {r.require_second_factor && (
                    <Text size="xs" c="dimmed">
                      {t('rolePage.secondShort')}
                    </Text>
                  )}
                </>
              ),
            },
            {
              key: 'kind',
              head: t('rolePage.origin'),
              cell: (r) => (
                <Tag
                  tone={r.ships ? 'mute' : 'info'}
                  label={t(r.ships ? 'rolePage.ships' : 'rolePage.own')}
                  plain
                />
              ),
              wide: true,
            },
            {
              key: 'count',
              head: t('rolePage.permissions'),
              align: 'right',
              cell: (r) => <span className="num">{r.permissions.length}</span>,
              wide: true,
            },
            ...(mayWrite
              ? [
                  {
                    key: 'actions',
                    head: null,
                    align: 'right' as const,
                    cell: (r: RoleInfo) => (
                      <Group gap={2} justify="flex-end" wrap="nowrap">
                        <ActionIcon
                          component={Link}
                          to="/settings/roles/new"
                          search={{ copy: r.id } as never}
                          aria-label={t('rolePage.copyOf', { name: roleName(t, r.role, roles) })}
                        >
                          <IconCopy size={17} />
                        </ActionIcon>
                        {!r.ships && (
                          <ActionIcon
                            aria-label={t('rolePage.remove', { name: r.name })}
                            onClick={() => setRemoving(r)}
                          >
                            <IconTrash size={17} />
                          </ActionIcon>
                        )}
                      </Group>
                    ),
                  },
                ]
              : []),
          ]}
        />
      </ListStates>
      {removing && <RemoveRole role={removing} onClose={() => setRemoving(null)} />}
    </div>
  );
}
