import { ActionIcon, Button, Text } from '@mantine/core';
import { IconKey, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { ApiToken, List } from '@/api/types';
import { queryClient } from '@/app/query';
import { usePermission } from '@/app/session';
import { useFormats } from '@/i18n/format';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { ListStates } from '@/ui/ListStates';
import { PageHeader } from '@/ui/PageHeader';
import { SecretDialog } from '@/ui/SecretDialog';
import { TokenDialog } from './TokenDialog';

export default function TokensPage() {
  const { t } = useTranslation();
  const f = useFormats();
  const mayWrite = usePermission('token.write');
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<ApiToken | null>(null);
  const [revoking, setRevoking] = useState<ApiToken | null>(null);
  const query = useQuery({
    queryKey: ['api-tokens'],
    queryFn: async ({ signal }) => (await api.get<List<ApiToken>>('/api-tokens', { signal })).items,
  });
  const rows = query.data ?? [];
  const create = mayWrite && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
      {t('token.create')}
    </Button>
  );
  return (
    <div style={{ maxWidth: 980 }}>
      <PageHeader title={t('nav.apiTokens')} text={t('token.text')} actions={rows.length > 0 && create} />
      <ListStates
        query={query}
        rows={3}
        isEmpty={rows.length === 0}
        empty={
          <EmptyState icon={IconKey} title={t('token.empty')} text={t('token.emptyText')} action={create} />
        }
      >
        <DataTable
          caption={t('nav.apiTokens')}
          rows={rows}
          rowKey={(token) => token.id}
          columns={[
            { key: 'name', head: t('field.name'), cell: (token) => <Text fw={550}>{token.name}</Text> },
            { key: 'role', head: t('staff.role'), cell: (token) => t(`role.${token.role}`) },
            {
              key: 'scopes',
              head: t('token.scopes'),
              cell: (token) =>
                token.scopes.length > 0 ? (
                  <span className="mono">{token.scopes.join(', ')}</span>
                ) : (
                  t('token.allOfRole')
                ),
              wide: true,
            },
            {
              key: 'expires',
              head: t('token.expires'),
              cell: (token) => (token.expires_at ? f.instant(token.expires_at) : t('token.neverExpires')),
              wide: true,
            },
            {
              key: 'used',
              head: t('token.lastUsed'),
              cell: (token) => (token.last_used_at ? f.ago(token.last_used_at) : t('staff.never')),
              wide: true,
            },
            ...(mayWrite
              ? [
                  {
                    key: 'actions',
                    head: null,
                    align: 'right' as const,
                    cell: (token: ApiToken) => (
                      <ActionIcon
                        aria-label={t('token.revokeNamed', { name: token.name })}
                        onClick={() => setRevoking(token)}
                      >
                        <IconTrash size={17} />
                      </ActionIcon>
                    ),
                  },
                ]
              : []),
          ]}
        />
      </ListStates>
      {creating && (
        <TokenDialog
          onClose={() => setCreating(false)}
          onCreated={(token) => {
            setCreating(false);
            setMade(token);
          }}
        />
      )}
      {made?.token && (
        <SecretDialog
          title={t('token.madeTitle', { name: made.name })}
          text={t('token.madeText')}
          label={t('token.token')}
          secret={made.token}
          onClose={() => setMade(null)}
        />
      )}
      {revoking && <Revoke token={revoking} onClose={() => setRevoking(null)} />}
    </div>
  );
}

function Revoke({ token, onClose }: { token: ApiToken; onClose: () => void }) {
  const { t } = useTranslation();
  const revoke = useMutation({
    mutationFn: () => api.delete(`/api-tokens/${token.id}`),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ['api-tokens'] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      opened
      danger
      title={t('token.revokeTitle', { name: token.name })}
      text={t('token.revokeText')}
      confirm={t('token.revoke')}
      pending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    />
  );
}
