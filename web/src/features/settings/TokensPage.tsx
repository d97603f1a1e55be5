import { ActionIcon, Button } from '@mantine/core';
import { IconKey, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { ApiToken } from '@/api/types';
import { usePermission } from '@/app/session';
import { GridMessage, ListPage, type CellRenderers, type FieldDef, type GridRow } from '@/grid';
import { HistoryLink } from '@/features/audit/HistoryLink';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { SecretDialog } from '@/ui/SecretDialog';
import { roleName, useRoles } from '@/features/roles/data';
import { namedChoices } from './choices';
import { TokenDialog } from './TokenDialog';

type Row = ApiToken & GridRow;

const widths: Record<string, number> = { name: 220, role: 140 };
const newestFirst = [{ field: 'created_at', desc: true }];

export default function TokensPage() {
  const { t } = useTranslation();
  const mayWrite = usePermission('token.write');
  const roles = useRoles();
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<ApiToken | null>(null);
  const [revoking, setRevoking] = useState<ApiToken | null>(null);
  const refine = useCallback(
    (field: FieldDef): FieldDef => ({
      ...field,
      width: widths[field.name] ?? field.width,
      choices: namedChoices(field, t, roles),
    }),
    [t, roles],
  );
  const renderers = useMemo<CellRenderers<Row>>(
    () => ({
      role: (token) => (
        <span title={token.scopes.join(', ') || t('token.allOfRole')}>
          {roleName(t, token.role, roles)}
          {token.scopes.length > 0 && (
            <span className="muted"> · {t('token.scopeCount', { count: token.scopes.length })}</span>
          )}
        </span>
      ),
      reseller: (token) => token.reseller?.name ?? <span className="muted">{t('place.everything')}</span>,
      hint: (_, cell) => <span className="mono">{cell.text}</span>,
      expires_at: (_, cell) => cell.text || <span className="muted">{t('token.neverExpires')}</span>,
      last_used_at: (_, cell) => cell.text || <span className="muted">{t('staff.never')}</span>,
    }),
    [t, roles],
  );
  const create = mayWrite && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setCreating(true)}>
      {t('token.create')}
    </Button>
  );
  return (
    <ListPage<Row>
      target="api_tokens"
      path="/api-tokens"
      title={t('nav.apiTokens')}
      text={t('token.text')}
      pinned={['name']}
      selectable={false}
      defaultSort={newestFirst}
      refine={refine}
      renderers={renderers}
      rowActionsWidth={90}
      rowActions={
        mayWrite
          ? (token) => (
              <>
                <HistoryLink small table="api_tokens" id={token.id} name={token.name} />
                <ActionIcon
                  size={28}
                  aria-label={t('token.revokeNamed', { name: token.name })}
                  onClick={() => setRevoking(token)}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              </>
            )
          : undefined
      }
      actions={() => create}
      empty={
        <GridMessage icon={IconKey} title={t('token.empty')} text={t('token.emptyText')} action={create} />
      }
    >
      {(list) => (
        <>
          {creating && (
            <TokenDialog
              onClose={() => setCreating(false)}
              onCreated={(token) => {
                setCreating(false);
                setMade(token);
                list.refresh();
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
          {revoking && (
            <Revoke
              token={revoking}
              onClose={() => {
                setRevoking(null);
                list.refresh();
              }}
            />
          )}
        </>
      )}
    </ListPage>
  );
}

function Revoke({ token, onClose }: { token: ApiToken; onClose: () => void }) {
  const { t } = useTranslation();
  const revoke = useMutation({
    mutationFn: () => api.delete(`/api-tokens/${token.id}`),
    onSuccess: onClose,
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
