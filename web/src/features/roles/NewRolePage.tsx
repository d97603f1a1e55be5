import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/app/session';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { LoadError } from '@/ui/LoadError';
import { PageHeader } from '@/ui/PageHeader';
import { permissionsQuery, roleName, rolesQuery } from './data';
import { RoleForm } from './RoleForm';

/** /settings/roles/new, or ?copy=<role> to begin with what another one may do. */
export default function NewRolePage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const own = useSession()?.masks ?? [];
  const { copy } = useSearch({ strict: false }) as { copy?: string };
  const roles = useQuery(rolesQuery);
  const all = useQuery(permissionsQuery);
  const back = { to: '/settings/roles', label: t('nav.roles') };
  const error = roles.error ?? all.error;
  const from = roles.data?.find((r) => r.id === copy);
  return (
    <div style={{ maxWidth: 900 }}>
      <PageHeader title={t('rolePage.newTitle')} text={t('rolePage.newText')} back={back} />
      {error && (
        <LoadError error={error} onRetry={() => void Promise.all([roles.refetch(), all.refetch()])} />
      )}
      {!error && (!roles.data || !all.data) && <FormSkeleton />}
      {roles.data && all.data && (
        <RoleForm
          all={all.data}
          initial={{
            name: from ? t('rolePage.copyName', { name: roleName(t, from.role, roles.data) }) : '',
            description: from && !from.ships ? from.description : '',
            permissions: from?.permissions ?? [],
            require_second_factor: from?.require_second_factor ?? false,
            masks: [...new Set([...(from?.masks ?? []), ...own])],
          }}
          onSaved={(role) => void navigate({ to: `/settings/roles/${role.id}` })}
        />
      )}
    </div>
  );
}
