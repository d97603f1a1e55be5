import { Checkbox, Group, PasswordInput, Radio, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import type { Contact } from '@/api/types';
import { usePermission } from '@/app/session';
import { statusQuery } from '@/features/emails/data';
import { RecordDialog } from '@/ui/RecordDialog';
import { forget } from './model';

type Mode = 'link' | 'generated' | 'typed';
const modes: Mode[] = ['link', 'generated', 'typed'];

/** Lets a contact sign in to the portal, in one of three ways. */
export function PasswordDialog({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const { t } = useTranslation();
  const mail = useQuery({ ...statusQuery, enabled: usePermission('email.read') });
  const mails = mail.data?.configured ?? true;
  const [chosen, setMode] = useState<Mode>('link');
  const mode = mails ? chosen : 'typed';
  const [password, setPassword] = useState('');
  const [must, setMust] = useState(true);
  const give = useMutation({
    mutationFn: () =>
      api.post(
        `/contacts/${contact.id}/password`,
        mode === 'typed' ? { mode, password, must_change: must } : { mode },
      ),
    onSuccess: () => {
      notifications.show({
        message:
          mode === 'typed'
            ? t('contact.passwordDone', { name: contact.name })
            : t('contact.passwordSent', { email: contact.email }),
      });
      forget();
      onClose();
    },
  });
  const wrong = isApiError(give.error)
    ? give.error.fields.find((f) => f.field === 'password')?.message
    : undefined;
  return (
    <RecordDialog
      title={t('contact.passwordFor', { name: contact.name })}
      submit={mode === 'typed' ? t('contact.passwordSet') : t('contact.passwordSend')}
      error={give.error}
      shown={['password']}
      pending={give.isPending}
      onSubmit={() => give.mutate()}
      onClose={onClose}
    >
      <Text c="dimmed">{t('contact.passwordText', { name: contact.name, email: contact.email })}</Text>
      {!mails && <Text>{t('contact.passwordNoMail')}</Text>}
      <Radio.Group label={t('contact.passwordHow')} value={mode} onChange={(v) => setMode(v as Mode)}>
        <Stack gap="xs" mt={6}>
          {modes.map((m) => (
            <Radio
              key={m}
              value={m}
              label={t(`contact.passwordMode.${m}`)}
              description={t(`contact.passwordModeText.${m}`)}
              disabled={!mails && m !== 'typed'}
            />
          ))}
        </Stack>
      </Radio.Group>
      {mode === 'typed' && (
        <>
          <PasswordInput
            label={t('user.newPassword')}
            description={t('user.passwordHint')}
            autoComplete="new-password"
            value={password}
            onChange={(e) => setPassword(e.currentTarget.value)}
            error={wrong}
          />
          <Group>
            <Checkbox
              label={t('contact.passwordMust')}
              checked={must}
              onChange={(e) => setMust(e.currentTarget.checked)}
            />
          </Group>
        </>
      )}
    </RecordDialog>
  );
}
