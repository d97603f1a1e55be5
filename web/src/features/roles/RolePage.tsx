import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconCopy, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { PermissionInfo, RoleInfo } from '@/api/types';
import { queryClient } from '@/app/query';
import { sessionQuery, usePermission } from '@/app/session';
import { Tag } from '@/ui/badges';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { PendingBanner } from '@/features/schedule/states';
import { PageHeader } from '@/ui/PageHeader';
import { isGone, RecordError } from '@/ui/RecordError';
import { permissionsQuery, roleName, roleText } from './data';
import { RemoveRole } from './RemoveRole';
import { RoleForm } from './RoleForm';

/** /settings/roles/$id */
export default function RolePage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t } = useTranslation();
  const role = useQuery({
    queryKey: ['roles', 'one', id],
    queryFn: ({ signal }) => api.get<RoleInfo>(`/roles/${encodeURIComponent(id)}`, { signal }),
  });
  const all = useQuery(permissionsQuery);
  const back = { to: '/settings/roles', label: t('nav.roles') };
  const error = role.error ?? all.error;
  if (error && (!role.data || !all.data || isGone(error)))
    return (
      <RecordError
        error={error}
        title={t('nav.roles')}
        back={back}
        onRetry={() => void Promise.all([role.refetch(), all.refetch()])}
      />
    );
  if (!role.data || !all.data) return <FormSkeleton />;
  return <Loaded key={role.data.id} role={role.data} all={all.data} />;
}

function Loaded({ role, all }: { role: RoleInfo; all: PermissionInfo[] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayWrite = usePermission('role.write');
  const [removing, remove] = useDisclosure(false);
  // The form keeps the record it was opened with: a refresh behind its back must not change what is sent.
  const [opened, setOpened] = useState(role);
  return (
    <div style={{ maxWidth: 900 }}>
      <PageHeader
        title={roleName(t, opened.role, [opened])}
        meta={
          <Tag
            tone={opened.ships ? 'mute' : 'info'}
            label={t(opened.ships ? 'rolePage.ships' : 'rolePage.own')}
          />
        }
        text={
          opened.ships ? `${roleText(t, opened.role, [opened])} ${t('rolePage.stays')}` : opened.description
        }
        back={{ to: '/settings/roles', label: t('nav.roles') }}
        actions={
          mayWrite && (
            <>
              <Button
                variant="default"
                component={Link}
                to="/settings/roles/new"
                search={{ copy: opened.id } as never}
                leftSection={<IconCopy size={16} />}
              >
                {t('rolePage.copy')}
              </Button>
              {!opened.ships && (
                <Button variant="default" leftSection={<IconTrash size={16} />} onClick={remove.open}>
                  {t('action.delete')}
                </Button>
              )}
            </>
          )
        }
      />
      <PendingBanner
        id={opened.ships ? undefined : opened.id}
        resource="roles"
        name={opened.ships ? opened.name : undefined}
      />
      <RoleForm
        key={opened.version}
        all={all}
        role={opened}
        initial={opened}
        readOnly={opened.ships || !mayWrite}
        closed={!mayWrite}
        onSaved={(saved) => {
          queryClient.setQueryData(['roles', 'one', role.id], saved);
          setOpened(saved);
          // It may be a role of one's own.
          void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
          notifications.show({ message: t('rolePage.saved', { name: saved.name }) });
        }}
      />
      {removing && (
        <RemoveRole
          role={opened}
          onClose={remove.close}
          onRemoved={() => void navigate({ to: '/settings/roles' })}
        />
      )}
    </div>
  );
}
