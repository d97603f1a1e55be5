import { ActionIcon, Button, Group, Stack, Switch, Text } from '@mantine/core';
import { IconLogin2, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { settingsQuery } from '@/api/settings';
import type { Settings } from '@/api/types';
import { queryClient } from '@/app/query';
import { usePermission } from '@/app/session';
import { HistoryLink } from '@/features/audit/HistoryLink';
import { Tag } from '@/ui/badges';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { ListStates } from '@/ui/ListStates';
import { PageHeader } from '@/ui/PageHeader';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { Section } from '@/ui/Section';
import { providersQuery, type Provider } from './data';
import { ProviderDialog } from './ProviderDialog';

/** /settings/sign-in: who vouches for staff. */
export default function ProvidersPage() {
  const { t } = useTranslation();
  const mayWrite = usePermission('staff.write');
  const maySet = usePermission('setting.read');
  const [editing, setEditing] = useState<Provider | 'new' | null>(null);
  const [removing, setRemoving] = useState<Provider | null>(null);
  const query = useQuery(providersQuery);
  const rows = query.data ?? [];
  const create = mayWrite && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing('new')}>
      {t('provider.create')}
    </Button>
  );
  return (
    <Stack gap="md" maw={900}>
      <PageHeader title={t('provider.nav')} text={t('provider.text')} actions={rows.length > 0 && create} />
      <ListStates
        query={query}
        rows={2}
        isEmpty={rows.length === 0}
        empty={
          <EmptyState
            icon={IconLogin2}
            title={t('provider.empty')}
            text={t('provider.emptyText')}
            action={create}
          />
        }
      >
        <DataTable
          caption={t('provider.nav')}
          rows={rows}
          rowKey={(p) => p.id}
          columns={[
            { key: 'name', head: t('provider.name'), cell: (p) => <Text fw={550}>{p.name}</Text> },
            { key: 'issuer', head: t('provider.issuer'), cell: (p) => p.issuer, wide: true },
            {
              key: 'state',
              head: t('provider.state'),
              cell: (p) => (
                <Tag
                  tone={p.enabled ? 'ok' : 'mute'}
                  label={t(p.enabled ? 'provider.on' : 'provider.off')}
                  plain
                />
              ),
            },
            {
              key: 'actions',
              head: null,
              align: 'right' as const,
              cell: (p) => (
                <Group gap={2} justify="flex-end" wrap="nowrap">
                  <HistoryLink small table="oidc_providers" id={p.id} name={p.name} />
                  {mayWrite && (
                    <>
                      <ActionIcon
                        aria-label={t('provider.edit', { name: p.name })}
                        onClick={() => setEditing(p)}
                      >
                        <IconPencil size={17} />
                      </ActionIcon>
                      <ActionIcon
                        aria-label={t('provider.remove', { name: p.name })}
                        onClick={() => setRemoving(p)}
                      >
                        <IconTrash size={17} />
                      </ActionIcon>
                    </>
                  )}
                </Group>
              ),
            },
          ]}
        />
      </ListStates>
      {maySet && <Only />}
      {editing && (
        <ProviderDialog provider={editing === 'new' ? undefined : editing} onClose={() => setEditing(null)} />
      )}
      {removing && <Remove provider={removing} onClose={() => setRemoving(null)} />}
    </Stack>
  );
}

/** Whether staff sign in through a provider only. */
function Only() {
  const { t } = useTranslation();
  const mayWrite = usePermission('setting.write');
  const settings = useQuery(settingsQuery);
  const save = useMutation({
    mutationFn: (only: boolean) =>
      api.patch<Settings>(
        '/settings',
        { staff_sign_in: only ? 'provider' : 'any' },
        { version: settings.data?.version },
      ),
    onSuccess: (saved) => queryClient.setQueryData(settingsQuery.queryKey, saved),
    onError: () => queryClient.invalidateQueries({ queryKey: settingsQuery.queryKey }),
  });
  if (!settings.data) return null;
  return (
    <Section title={t('provider.passwords')}>
      <ProblemAlert error={save.error} />
      <Switch
        label={t('provider.only')}
        description={t('provider.onlyText')}
        checked={save.isPending ? save.variables : settings.data.staff_sign_in === 'provider'}
        disabled={!mayWrite}
        onChange={(e) => save.mutate(e.currentTarget.checked)}
      />
    </Section>
  );
}

function Remove({ provider, onClose }: { provider: Provider; onClose: () => void }) {
  const { t } = useTranslation();
  const remove = useMutation({
    mutationFn: () => api.delete(`/sign-in-providers/${provider.id}`, { version: provider.version }),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ queryKey: providersQuery.queryKey });
    },
  });
  return (
    <ConfirmDialog
      opened
      danger
      title={t('provider.removeTitle', { name: provider.name })}
      text={t('provider.removeText')}
      confirm={t('action.delete')}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}
