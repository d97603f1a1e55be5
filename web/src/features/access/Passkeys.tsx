import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import { useFormats } from '@/i18n/format';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { DataTable } from '@/ui/DataTable';
import { ListStates } from '@/ui/ListStates';
import { RecordDialog } from '@/ui/RecordDialog';
import { Section } from '@/ui/Section';
import { changed, passkeysQuery } from './data';
import { addPasskey, hasPasskeys, isCancelled, type Passkey } from './passkeys';

/** The passkeys of whoever is signed in. */
export function Passkeys() {
  const { t } = useTranslation();
  const f = useFormats();
  const keys = useQuery(passkeysQuery);
  const [open, setOpen] = useState<'add' | Passkey | null>(null);
  const close = () => setOpen(null);
  const able = hasPasskeys();
  const rows = keys.data ?? [];
  return (
    <Section
      title={t('account.passkeys')}
      text={t('account.passkeysText')}
      actions={
        able && (
          <Button
            variant="default"
            leftSection={<IconFingerprint size={16} />}
            onClick={() => setOpen('add')}
          >
            {t('account.passkeyAdd')}
          </Button>
        )
      }
    >
      <Stack gap="sm">
        {!able && <Text c="dimmed">{t('account.passkeysNot')}</Text>}
        <ListStates
          query={keys}
          isEmpty={rows.length === 0}
          empty={able && <Text c="dimmed">{t('account.passkeysNone')}</Text>}
        >
          <DataTable
            caption={t('account.passkeys')}
            rows={rows}
            rowKey={(k) => k.id}
            columns={[
              { key: 'name', head: t('field.name'), cell: (k) => k.name },
              {
                key: 'created',
                head: t('account.since'),
                cell: (k) => (k.created_at ? f.instant(k.created_at) : ''),
                wide: true,
              },
              {
                key: 'used',
                head: t('account.seen'),
                cell: (k) => (k.last_used_at ? f.instant(k.last_used_at) : t('account.never')),
              },
              {
                key: 'actions',
                head: null,
                align: 'right' as const,
                cell: (k) => (
                  <Button
                    size="compact-sm"
                    variant="subtle"
                    aria-label={t('account.passkeyRemoveNamed', { name: k.name })}
                    onClick={() => setOpen(k)}
                  >
                    {t('account.passkeyRemove')}
                  </Button>
                ),
              },
            ]}
          />
        </ListStates>
      </Stack>
      {open === 'add' && <AddPasskey onClose={close} />}
      {open !== null && typeof open === 'object' && <RemovePasskey passkey={open} onClose={close} />}
    </Section>
  );
}

/** Asks the device for a new key. */
export function AddPasskey({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const add = useMutation({
    mutationFn: () => addPasskey(password, name.trim()),
    onSuccess: async () => {
      onClose();
      await changed();
    },
  });
  const wrong = (field: string) =>
    isApiError(add.error) ? add.error.fields.find((f) => f.field === field)?.message : undefined;
  return (
    <RecordDialog
      title={t('account.passkeyAdd')}
      submit={t('account.next')}
      error={isCancelled(add.error) ? new Error(t('account.passkeyCancelled')) : add.error}
      shown={['password', 'name']}
      pending={add.isPending}
      onSubmit={() => add.mutate()}
      onClose={onClose}
    >
      <Text c="dimmed">{t('account.passkeyAddText')}</Text>
      <TextInput
        label={t('field.name')}
        placeholder={t('account.passkeyNameHint')}
        autoComplete="off"
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
        error={wrong('name')}
        data-autofocus
      />
      <PasswordInput
        label={t('user.currentPassword')}
        autoComplete="current-password"
        value={password}
        onChange={(e) => setPassword(e.currentTarget.value)}
        error={wrong('password')}
      />
    </RecordDialog>
  );
}

function RemovePasskey({ passkey, onClose }: { passkey: Passkey; onClose: () => void }) {
  const { t } = useTranslation();
  const remove = useMutation({
    mutationFn: () => api.delete(`/session/passkeys/${passkey.id}`),
    onSuccess: async () => {
      onClose();
      await changed();
    },
  });
  return (
    <ConfirmDialog
      opened
      danger
      title={t('account.passkeyRemoveTitle', { name: passkey.name })}
      text={t('account.passkeyRemoveText')}
      confirm={t('account.passkeyRemove')}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}
