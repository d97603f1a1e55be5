import { Button, Group, Stack, Switch, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import { queryClient } from '@/app/query';
import type { Ref } from '@/api/types';
import { usePermission } from '@/app/session';
import { CommentBox } from '@/form/CommentBox';
import { CustomerPicker } from '@/form/pickers';
import { StaleDialog } from '@/form/StaleDialog';
import { UnsavedGuard } from '@/form/UnsavedGuard';
import { focusFirstError, useRecordForm, type Values } from '@/form/useRecordForm';
import { LoadError } from '@/ui/LoadError';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { Section } from '@/ui/Section';
import { settingsQuery, type SignUpSettings } from './data';

const names = ['open', 'template', 'approval', 'terms_url'];

const toValues = (s: SignUpSettings): Values => ({
  open: s.open,
  template: s.template ? { id: s.template, name: s.template_name || s.template } : null,
  approval: s.approval,
  terms_url: s.terms_url,
});

/** Whether and how people become customers of the operator, or of a reseller, by themselves. */
export function SignUpCard({ of, closed }: { of: string; closed?: boolean }) {
  const settings = useQuery(settingsQuery(of));
  if (settings.error && !settings.data) {
    return <LoadError error={settings.error} onRetry={() => void settings.refetch()} />;
  }
  return settings.data ? <SignUpForm of={of} settings={settings.data} closed={closed} /> : null;
}

function SignUpForm({ of, settings, closed }: { of: string; settings: SignUpSettings; closed?: boolean }) {
  const { t } = useTranslation();
  const mayWrite = usePermission('brand.write') && !closed;
  const form = useRecordForm(toValues(settings));
  const [version, setVersion] = useState(settings.version);
  const [comment, setComment] = useState('');
  const [stale, setStale] = useState<SignUpSettings | null>(null);
  const save = useMutation({
    mutationFn: (v: { values: Values; names: string[]; version: number }) =>
      api.patch<SignUpSettings>(
        `/brands/${of}/sign-up`,
        Object.fromEntries(
          v.names.map((n) => [n, n === 'template' ? ((v.values[n] as Ref | null)?.id ?? null) : v.values[n]]),
        ),
        { version: v.version, comment },
      ),
    onSuccess: (saved) => {
      queryClient.setQueryData(settingsQuery(of).queryKey, saved);
      setVersion(saved.version);
      setStale(null);
      setComment('');
      form.reset(toValues(saved));
      notifications.show({ message: t('signUp.saved') });
    },
    onError: (error) => {
      if (isApiError(error) && error.status === 412 && error.current)
        setStale(error.current as SignUpSettings);
      else if (form.take(error)) focusFirstError();
    },
  });
  const label = (name: string) => t(`signUp.setting.${name}`);
  const isStale = isApiError(save.error) && save.error.status === 412;
  const show = (_: string, v: unknown) =>
    typeof v === 'boolean' ? t(v ? 'signUp.yes' : 'signUp.no') : ((v as Ref | null)?.name ?? String(v ?? ''));
  return (
    <form
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (form.dirty) save.mutate({ values: form.values, names: form.changed, version });
      }}
    >
      <Section title={t('signUp.settings')} text={t('signUp.settingsText')}>
        <Stack gap="sm" maw={560}>
          {!isStale && <ProblemAlert error={save.error} shown={names} />}
          <Switch
            label={label('open')}
            checked={form.values.open === true}
            onChange={(e) => form.set('open', e.currentTarget.checked)}
            disabled={!mayWrite}
          />
          <CustomerPicker
            label={label('template')}
            description={t('signUp.templateHint')}
            kind="customer"
            value={form.values.template as Ref | null}
            onChange={(c) => form.set('template', c)}
            error={form.errors.template}
            disabled={!mayWrite}
          />
          <Switch
            label={label('approval')}
            description={t('signUp.approvalHint')}
            checked={form.values.approval === true}
            onChange={(e) => form.set('approval', e.currentTarget.checked)}
            disabled={!mayWrite}
          />
          <TextInput
            label={label('terms_url')}
            description={t('signUp.termsHint')}
            value={String(form.values.terms_url ?? '')}
            onChange={(e) => form.set('terms_url', e.currentTarget.value)}
            error={form.errors.terms_url}
            disabled={!mayWrite}
          />
          {mayWrite && form.dirty && <CommentBox value={comment} onChange={setComment} />}
          {mayWrite && (
            <Group justify="flex-end">
              <Text c="dimmed" role="status">
                {form.dirty ? t('form.unsaved') : ''}
              </Text>
              <Button
                type="submit"
                aria-label={t('signUp.save')}
                disabled={!form.dirty}
                loading={save.isPending}
              >
                {t('action.save')}
              </Button>
            </Group>
          )}
        </Stack>
      </Section>
      <UnsavedGuard dirty={form.dirty} />
      {stale && (
        <StaleDialog
          base={form.base}
          mine={form.values}
          theirs={toValues(stale)}
          label={label}
          show={show}
          pending={save.isPending}
          onClose={() => setStale(null)}
          onResolve={(values) => {
            form.reset(values, toValues(stale));
            setVersion(stale.version);
            save.mutate({ values, names, version: stale.version });
          }}
        />
      )}
    </form>
  );
}
