import {
  Button,
  Group,
  MultiSelect,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import { settingsQuery } from '@/api/settings';
import type { Settings } from '@/api/types';
import { queryClient } from '@/app/query';
import { usePermission } from '@/app/session';
import { CommentBox } from '@/form/CommentBox';
import { DelayButton } from '@/features/schedule/DelayButton';
import { PendingBanner } from '@/features/schedule/states';
import { HistoryLink } from '@/features/audit/HistoryLink';
import { FieldInput, type InputKind } from '@/form/FieldInput';
import { StaleDialog } from '@/form/StaleDialog';
import { UnsavedGuard } from '@/form/UnsavedGuard';
import { focusFirstError, useRecordForm, type Values } from '@/form/useRecordForm';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { PageHeader } from '@/ui/PageHeader';
import { LoadError } from '@/ui/LoadError';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { Section } from '@/ui/Section';

const names = [
  'organization_name',
  'default_country',
  'default_currency',
  'default_language',
  'default_timezone',
  'retention_days',
  'group_types',
  'audit_days',
  'require_comment',
  'impersonation_reason',
  'portal_second_factor',
] as const;
const defaults: { name: string; kind: InputKind }[] = [
  { name: 'default_country', kind: 'country' },
  { name: 'default_currency', kind: 'currency' },
  { name: 'default_language', kind: 'language' },
  { name: 'default_timezone', kind: 'timezone' },
];

function toValues(settings: Settings): Values {
  const values: Values = {};
  for (const name of names) values[name] = settings[name] ?? '';
  values.group_types = settings.group_types;
  values.portal_second_factor = settings.portal_second_factor;
  return values;
}

export default function GeneralPage() {
  const { t } = useTranslation();
  const settings = useQuery(settingsQuery);
  return (
    <div style={{ maxWidth: 760 }}>
      <PageHeader
        title={t('nav.general')}
        text={t('settings.text')}
        actions={<HistoryLink table="settings" id="set_0000000000001" name={t('nav.general')} />}
      />
      {settings.isPending && <FormSkeleton />}
      {settings.error && !settings.data && (
        <LoadError error={settings.error} onRetry={() => void settings.refetch()} />
      )}
      <PendingBanner id="set_0000000000001" resource="settings" />
      {settings.data && <GeneralForm settings={settings.data} />}
    </div>
  );
}

function GeneralForm({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const mayWrite = usePermission('setting.write');
  const form = useRecordForm(toValues(settings));
  const [version, setVersion] = useState(settings.version);
  const [comment, setComment] = useState('');
  const [stale, setStale] = useState<Settings | null>(null);
  const save = useMutation({
    mutationFn: (v: { body: Values; version?: number }) =>
      api.patch<Settings>('/settings', v.body, { version: v.version, comment }),
    onSuccess: (saved) => {
      queryClient.setQueryData(settingsQuery.queryKey, saved);
      setVersion(saved.version);
      setStale(null);
      setComment('');
      form.reset(toValues(saved));
      notifications.show({ message: t('settings.saved') });
    },
    onError: (error) => {
      if (isApiError(error) && error.status === 412 && error.current) setStale(error.current as Settings);
      else if (form.take(error)) focusFirstError();
    },
  });
  const changedBody = (values: Values, fields: string[]) =>
    Object.fromEntries(fields.map((n) => [n, values[n]]));
  const label = (name: string) => t(`settings.field.${name}`);
  const isStale = isApiError(save.error) && save.error.status === 412;
  return (
    <form
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (form.dirty) save.mutate({ body: changedBody(form.values, form.changed), version });
      }}
    >
      <Stack gap="md">
        {!isStale && <ProblemAlert error={save.error} shown={[...names]} />}
        <Section title={t('settings.organization')}>
          <TextInput
            label={label('organization_name')}
            value={String(form.values.organization_name ?? '')}
            onChange={(e) => form.set('organization_name', e.currentTarget.value)}
            error={form.errors.organization_name}
            disabled={!mayWrite}
          />
        </Section>
        <Section title={t('settings.defaults')} text={t('settings.defaultsText')}>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
            {defaults.map(({ name, kind }) => (
              <FieldInput
                key={name}
                kind={kind}
                name={name}
                label={label(name)}
                value={form.values[name]}
                onChange={(v) => form.set(name, v)}
                error={form.errors[name]}
                disabled={!mayWrite}
              />
            ))}
          </SimpleGrid>
        </Section>
        <Section title={t('settings.records')}>
          <Stack gap="sm">
            <NumberInput
              label={label('retention_days')}
              description={t('settings.retentionHint')}
              value={form.values.retention_days as number}
              onChange={(v) => form.set('retention_days', v)}
              error={form.errors.retention_days}
              disabled={!mayWrite}
              min={0}
              hideControls
              // The hint is wider than a number.
              styles={{ wrapper: { maxWidth: 240 } }}
            />
            <TagsInput
              label={label('group_types')}
              description={t('settings.groupTypesHint')}
              value={form.values.group_types as string[]}
              onChange={(v) => form.set('group_types', v)}
              error={form.errors.group_types}
              disabled={!mayWrite}
            />
          </Stack>
        </Section>
        <Section title={t('settings.portal')}>
          <MultiSelect
            mb="sm"
            label={label('portal_second_factor')}
            description={t('settings.portalSecondFactorHint')}
            data={['owner', 'billing', 'technical', 'viewer'].map((v) => ({
              value: v,
              label: t(`choice.role.${v}`),
            }))}
            value={(form.values.portal_second_factor as string[]) ?? []}
            onChange={(v) => form.set('portal_second_factor', v)}
            error={form.errors.portal_second_factor}
            disabled={!mayWrite}
          />
          <Select
            label={label('impersonation_reason')}
            description={t('settings.impersonationReasonHint')}
            data={['recorded', 'typed'].map((v) => ({
              value: v,
              label: t(`settings.impersonationReason.${v}`),
            }))}
            value={String(form.values.impersonation_reason ?? 'recorded')}
            onChange={(v) => form.set('impersonation_reason', v ?? 'recorded')}
            error={form.errors.impersonation_reason}
            disabled={!mayWrite}
            allowDeselect={false}
          />
        </Section>
        <Section title={t('nav.audit')}>
          <Stack gap="sm">
            <Select
              label={label('require_comment')}
              description={t('settings.requireCommentHint')}
              data={['never', 'staff', 'all'].map((v) => ({
                value: v,
                label: t(`settings.requireComment.${v}`),
              }))}
              value={String(form.values.require_comment ?? 'never')}
              onChange={(v) => form.set('require_comment', v ?? 'never')}
              error={form.errors.require_comment}
              disabled={!mayWrite}
              allowDeselect={false}
            />
            <NumberInput
              label={label('audit_days')}
              description={t('settings.auditDaysHint')}
              value={(form.values.audit_days as number) || ''}
              onChange={(v) => form.set('audit_days', Number(v) || 0)}
              error={form.errors.audit_days}
              disabled={!mayWrite}
              placeholder={t('settings.forEver')}
              min={0}
              hideControls
              styles={{ wrapper: { maxWidth: 240 } }}
            />
          </Stack>
        </Section>
        {mayWrite && form.dirty && <CommentBox value={comment} onChange={setComment} />}
        {mayWrite ? (
          <Group justify="flex-end">
            <Text c="dimmed" role="status">
              {form.dirty ? t('form.unsaved') : ''}
            </Text>
            <DelayButton
              title={t('schedule.delayAndSave')}
              disabled={!form.dirty}
              build={() => ({
                method: 'PATCH',
                path: '/settings',
                resource: 'settings',
                body: changedBody(form.values, form.changed),
                version,
                comment,
              })}
              onDone={() => {
                form.reset(form.base);
                setComment('');
                void queryClient.invalidateQueries({ queryKey: settingsQuery.queryKey });
              }}
            />
            <Button type="submit" disabled={!form.dirty} loading={save.isPending}>
              {t('action.save')}
            </Button>
          </Group>
        ) : null}
      </Stack>
      <UnsavedGuard dirty={form.dirty} />
      {stale && (
        <StaleDialog
          base={form.base}
          mine={form.values}
          theirs={toValues(stale)}
          label={label}
          show={(_, v) => (Array.isArray(v) ? v.join(', ') : String(v ?? ''))}
          pending={save.isPending}
          onClose={() => setStale(null)}
          onResolve={(values) => {
            form.reset(values, toValues(stale));
            setVersion(stale.version);
            save.mutate({ body: values, version: stale.version });
          }}
        />
      )}
    </form>
  );
}
