import { Alert, Select, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconEyeOff, IconLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Staff, Why, WhyHidden } from '@/api/types';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { PageHeader } from '@/ui/PageHeader';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { RecordError } from '@/ui/RecordError';
import {
  areaName,
  byArea,
  masksQuery,
  maskText,
  permissionsQuery,
  roleName,
  sentence,
  useRoles,
} from './data';

/** /settings/staff/$id/why?permission=... */
export default function WhyPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { permission, mask } = useSearch({ strict: false }) as { permission?: string; mask?: string };
  const { t } = useTranslation();
  const navigate = useNavigate();
  const staff = useQuery({
    queryKey: ['staff', 'one', id],
    queryFn: ({ signal }) => api.get<Staff>(`/staff/${encodeURIComponent(id)}`, { signal }),
  });
  const all = useQuery(permissionsQuery);
  const masks = useQuery(masksQuery).data ?? [];
  const back = { to: '/settings/staff', label: t('nav.staff') };
  const error = staff.error ?? all.error;
  if (error)
    return (
      <RecordError
        error={error}
        title={t('why.title')}
        back={back}
        onRetry={() => void Promise.all([staff.refetch(), all.refetch()])}
      />
    );
  if (!staff.data || !all.data) return <FormSkeleton rows={3} />;
  return (
    <div style={{ maxWidth: 760 }}>
      <PageHeader title={t('why.of', { name: staff.data.name })} text={t('why.text')} back={back} />
      <Stack gap="md">
        <Select
          label={t('why.permission')}
          placeholder={t('why.choose')}
          searchable
          data={[
            ...byArea(all.data).map((a) => ({
              group: areaName(t, a.area),
              items: a.permissions.map((p) => ({ value: p.id as string, label: sentence(t, p) })),
            })),
            {
              group: t('why.fields'),
              items: masks.map((m) => ({ value: `mask:${m.id}`, label: maskText(t, m) })),
            },
          ]}
          value={mask ? `mask:${mask}` : (permission ?? null)}
          onChange={(v) =>
            void navigate({
              to: `/settings/staff/${id}/why`,
              search: (!v ? {} : v.startsWith('mask:') ? { mask: v.slice(5) } : { permission: v }) as never,
              replace: true,
            })
          }
          comboboxProps={{ shadow: 'md' }}
        />
        {permission && <Answer id={id} name={staff.data.name} permission={permission} />}
        {mask && <MaskAnswer id={id} name={staff.data.name} mask={mask} />}
      </Stack>
    </div>
  );
}

function MaskAnswer({ id, name, mask }: { id: string; name: string; mask: string }) {
  const { t } = useTranslation();
  const roles = useRoles();
  const why = useQuery({
    queryKey: ['staff', 'why-hidden', id, mask],
    queryFn: ({ signal }) =>
      api.get<WhyHidden>(`/staff/${encodeURIComponent(id)}/why-hidden`, { query: { mask }, signal }),
  });
  if (why.error) return <ProblemAlert error={why.error} />;
  if (!why.data) return <FormSkeleton rows={2} />;
  const w = why.data;
  const named = (keys: string[]) => keys.map((k) => roleName(t, k, roles)).join(', ');
  return (
    <Alert
      color={w.hidden ? 'yellow' : 'green'}
      icon={w.hidden ? <IconEyeOff /> : <IconCircleCheck />}
      title={t(w.hidden ? 'why.hidden' : 'why.shown', { name })}
      role="status"
    >
      <Stack gap={6}>
        {w.hidden_by.length > 0 && <Text>{t('why.hiddenBy', { roles: named(w.hidden_by) })}</Text>}
        {w.shown_by.length > 0 && <Text>{t('why.shownBy', { roles: named(w.shown_by) })}</Text>}
        {w.hidden_by.length > 0 && <Text>{t('why.hiddenRule')}</Text>}
      </Stack>
    </Alert>
  );
}

function Answer({ id, name, permission }: { id: string; name: string; permission: string }) {
  const { t } = useTranslation();
  const roles = useRoles();
  const why = useQuery({
    queryKey: ['staff', 'why', id, permission],
    queryFn: ({ signal }) =>
      api.get<Why>(`/staff/${encodeURIComponent(id)}/why`, { query: { permission }, signal }),
  });
  if (why.error) return <ProblemAlert error={why.error} />;
  if (!why.data) return <FormSkeleton rows={2} />;
  const w = why.data;
  const named = (keys: string[]) => keys.map((k) => roleName(t, k, roles)).join(', ');
  return (
    <Alert
      color={w.may ? 'green' : 'yellow'}
      icon={w.may ? <IconCircleCheck /> : <IconLock />}
      title={t(w.may ? 'why.yes' : 'why.no', { name })}
      role="status"
    >
      <Stack gap={6}>
        <Text>
          {w.given_by.length > 0 ? t('why.given', { roles: named(w.given_by) }) : t('why.notGiven')}
        </Text>
        {w.disabled && <Text>{t('why.disabled')}</Text>}
        {w.placed && <Text>{t('why.placed', { name: w.reseller?.name })}</Text>}
        {!w.placed && w.reseller && <Text>{t('why.within', { name: w.reseller.name })}</Text>}
        {w.given_by.length === 0 && w.would_give.length > 0 && (
          <Text>{t('why.would', { roles: named(w.would_give) })}</Text>
        )}
      </Stack>
    </Alert>
  );
}
