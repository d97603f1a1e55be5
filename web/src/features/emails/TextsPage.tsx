import { Alert, Button, Group, Stack, Switch, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconRefresh, IconSend } from '@tabler/icons-react';
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import type { components } from '@/api/schema';
import { queryClient } from '@/app/query';
import { usePermission } from '@/app/session';
import { HistoryLink } from '@/features/audit/HistoryLink';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { LoadError } from '@/ui/LoadError';
import { PageHeader } from '@/ui/PageHeader';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { RecordDialog } from '@/ui/RecordDialog';
import { SecretDialog } from '@/ui/SecretDialog';
import { Section } from '@/ui/Section';
import { UnsavedGuard } from '@/form/UnsavedGuard';

type Gateway = components['schemas']['GatewayBody'];

const gatewayQuery = queryOptions({
  queryKey: ['sms-gateway'],
  queryFn: ({ signal }) => api.get<Gateway>('/sms-gateway', { signal }),
});

/** /settings/texts: where texts to telephones are handed over. */
export default function TextsPage() {
  const { t } = useTranslation();
  const query = useQuery(gatewayQuery);
  return (
    <div style={{ maxWidth: 760 }}>
      <PageHeader
        title={t('texts.title')}
        text={t('texts.text')}
        actions={<HistoryLink table="sms_gateway" id="smg_0000000000001" name={t('texts.title')} />}
      />
      {query.error && !query.data ? (
        <LoadError error={query.error} onRetry={() => void query.refetch()} />
      ) : !query.data ? (
        <FormSkeleton rows={3} />
      ) : (
        <GatewayForm key={query.data.version} gateway={query.data} />
      )}
    </div>
  );
}

function GatewayForm({ gateway }: { gateway: Gateway }) {
  const { t } = useTranslation();
  const mayWrite = usePermission('setting.write');
  const [url, setURL] = useState(gateway.url);
  const [enabled, setEnabled] = useState(gateway.enabled);
  const [open, setOpen] = useState<'test' | 'roll' | null>(null);
  const [secret, setSecret] = useState('');
  const dirty = url.trim() !== gateway.url || enabled !== gateway.enabled;
  // The secret is shown before the form is made anew with what was saved.
  const done = () => void queryClient.invalidateQueries({ queryKey: gatewayQuery.queryKey });
  const save = useMutation({
    mutationFn: () =>
      api.patch<Gateway>('/sms-gateway', { url: url.trim(), enabled }, { version: gateway.version }),
    onSuccess: (saved) => {
      notifications.show({ message: t('settings.saved') });
      if (saved.secret) return setSecret(saved.secret);
      queryClient.setQueryData(gatewayQuery.queryKey, saved);
    },
  });
  const roll = useMutation({
    mutationFn: () => api.post<{ secret: string }>('/sms-gateway/secret'),
    onSuccess: (answer) => {
      setOpen(null);
      setSecret(answer.secret);
    },
  });
  const wrong = isApiError(save.error)
    ? save.error.fields.find((f) => f.field === 'url')?.message
    : undefined;
  return (
    <form
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (dirty) save.mutate();
      }}
    >
      <Stack gap="md">
        <ProblemAlert error={save.error} shown={['url']} />
        {gateway.trouble && (
          <Alert color="yellow" icon={<IconAlertTriangle size={18} />} title={t('texts.troubleTitle')}>
            {t('texts.trouble', { n: gateway.waiting, said: gateway.trouble })}
          </Alert>
        )}
        <Section title={t('texts.gateway')} text={t('texts.gatewayText')}>
          <Stack gap="md">
            <TextInput
              label={t('texts.url')}
              description={t('texts.urlHint')}
              type="url"
              value={url}
              onChange={(e) => setURL(e.currentTarget.value)}
              error={wrong}
              disabled={!mayWrite}
              autoComplete="off"
            />
            <Switch
              label={t('texts.enabled')}
              description={t('texts.enabledHint')}
              checked={enabled}
              onChange={(e) => setEnabled(e.currentTarget.checked)}
              disabled={!mayWrite}
            />
          </Stack>
        </Section>
        {mayWrite && (
          <Group justify="space-between" gap={8}>
            <Group gap={8}>
              <Button
                variant="default"
                leftSection={<IconSend size={16} />}
                disabled={!gateway.has_secret || !gateway.url || dirty}
                onClick={() => setOpen('test')}
              >
                {t('texts.test')}
              </Button>
              <Button
                variant="default"
                leftSection={<IconRefresh size={16} />}
                disabled={!gateway.has_secret}
                onClick={() => setOpen('roll')}
              >
                {t('texts.roll')}
              </Button>
            </Group>
            <Button type="submit" disabled={!dirty} loading={save.isPending}>
              {t('action.save')}
            </Button>
          </Group>
        )}
      </Stack>
      <UnsavedGuard dirty={dirty && !secret} />
      <ConfirmDialog
        opened={open === 'roll'}
        title={t('texts.rollTitle')}
        text={t('texts.rollText')}
        confirm={t('texts.roll')}
        pending={roll.isPending}
        error={roll.error}
        onConfirm={() => roll.mutate()}
        onClose={() => setOpen(null)}
      />
      {open === 'test' && <TestDialog onClose={() => setOpen(null)} />}
      {secret && (
        <SecretDialog
          title={t('texts.secretTitle')}
          text={t('texts.secretText')}
          label={t('texts.secret')}
          secret={secret}
          onClose={() => {
            setSecret('');
            done();
          }}
        />
      )}
    </form>
  );
}

function TestDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [to, setTo] = useState('');
  const send = useMutation({
    mutationFn: () => api.post('/sms-gateway/test', { to: to.trim() }),
    onSuccess: () => {
      onClose();
      notifications.show({ message: t('emails.testSent', { to: to.trim() }) });
    },
  });
  const wrong = isApiError(send.error) ? send.error.fields.find((f) => f.field === 'to')?.message : undefined;
  return (
    <RecordDialog
      title={t('texts.test')}
      submit={t('emails.send')}
      error={send.error}
      shown={['to']}
      pending={send.isPending}
      onSubmit={() => send.mutate()}
      onClose={onClose}
    >
      <Text c="dimmed">{t('texts.testText')}</Text>
      <TextInput
        label={t('texts.to')}
        description={t('texts.toHint')}
        type="tel"
        value={to}
        onChange={(e) => setTo(e.currentTarget.value)}
        error={wrong}
        autoComplete="off"
        data-autofocus
      />
    </RecordDialog>
  );
}
