import {
  ActionIcon,
  Button,
  Code,
  Group,
  NumberInput,
  PasswordInput,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import { queryClient } from '@/app/query';
import { roleChoices, useRoles } from '@/features/roles/data';
import { RecordDialog } from '@/ui/RecordDialog';
import { providersQuery, type Provider } from './data';

type GroupRole = Provider['roles_by_group'][number];

const blank = {
  name: '',
  issuer: '',
  client_id: '',
  scopes: ['openid', 'email', 'profile'],
  email_claim: 'email',
  name_claim: 'name',
  groups_claim: 'groups',
  domains: [] as string[],
  trusts_mfa: false,
  makes_staff: false,
  roles_by_group: [] as GroupRole[],
  session_hours: 0,
  enabled: true,
};
type Values = typeof blank;

const names = Object.keys(blank) as (keyof Values)[];
const valuesOf = (p?: Provider): Values =>
  p ? (Object.fromEntries(names.map((n) => [n, p[n]])) as Values) : blank;

/** An OpenID Connect issuer that the operator trusts. */
export function ProviderDialog({ provider, onClose }: { provider?: Provider; onClose: () => void }) {
  const { t } = useTranslation();
  const [values, setValues] = useState(valuesOf(provider));
  const [secret, setSecret] = useState('');
  const set = <K extends keyof Values>(name: K, value: Values[K]) =>
    setValues((now) => ({ ...now, [name]: value }));
  const save = useMutation({
    mutationFn: () => {
      const body = secret === '' ? values : { ...values, client_secret: secret };
      return provider
        ? api.patch<Provider>(`/sign-in-providers/${provider.id}`, body, { version: provider.version })
        : api.post<Provider>('/sign-in-providers', body);
    },
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ queryKey: providersQuery.queryKey });
    },
  });
  const wrong = (field: string) =>
    isApiError(save.error) ? save.error.fields.find((f) => f.field === field)?.message : undefined;
  const text = (name: 'name' | 'issuer' | 'client_id' | 'email_claim' | 'name_claim' | 'groups_claim') => ({
    label: t(`provider.field.${name}`),
    value: values[name],
    onChange: (e: React.ChangeEvent<HTMLInputElement>) => set(name, e.currentTarget.value),
    error: wrong(name),
    autoComplete: 'off',
  });
  const flag = (name: 'trusts_mfa' | 'makes_staff' | 'enabled') => ({
    label: t(`provider.field.${name}`),
    checked: values[name],
    onChange: (e: React.ChangeEvent<HTMLInputElement>) => set(name, e.currentTarget.checked),
  });
  return (
    <RecordDialog
      size={640}
      title={provider ? t('provider.edit', { name: provider.name }) : t('provider.create')}
      submit={provider ? t('action.save') : t('provider.create')}
      error={save.error}
      shown={names}
      pending={save.isPending}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <Text size="sm" c="dimmed">
        {t('provider.redirect')}{' '}
        <Code>{provider?.redirect_uri ?? `${window.location.origin}/sign-in/back`}</Code>
      </Text>
      <TextInput {...text('name')} description={t('provider.nameHint')} data-autofocus />
      <TextInput {...text('issuer')} disabled={!!provider} />
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <TextInput {...text('client_id')} />
        <PasswordInput
          label={t('provider.field.client_secret')}
          placeholder={provider ? t('provider.secretKept') : undefined}
          autoComplete="new-password"
          value={secret}
          onChange={(e) => setSecret(e.currentTarget.value)}
        />
      </SimpleGrid>
      <TagsInput
        label={t('provider.field.domains')}
        description={t('provider.domainsHint')}
        value={values.domains}
        onChange={(v) => set('domains', v)}
        error={wrong('domains')}
      />
      <Switch {...flag('trusts_mfa')} description={t('provider.mfaHint')} />
      <Switch {...flag('makes_staff')} description={t('provider.makesHint')} />
      {values.makes_staff && (
        <Groups
          rows={values.roles_by_group}
          onChange={(v) => set('roles_by_group', v)}
          error={wrong('roles_by_group')}
        />
      )}
      <TagsInput
        label={t('provider.field.scopes')}
        value={values.scopes}
        onChange={(v) => set('scopes', v)}
        error={wrong('scopes')}
      />
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
        <TextInput {...text('email_claim')} />
        <TextInput {...text('name_claim')} />
        <TextInput {...text('groups_claim')} />
      </SimpleGrid>
      <NumberInput
        label={t('provider.field.session_hours')}
        description={t('provider.hoursHint')}
        value={values.session_hours || ''}
        onChange={(v) => set('session_hours', Number(v) || 0)}
        error={wrong('session_hours')}
        min={0}
        hideControls
      />
      <Switch {...flag('enabled')} description={t('provider.enabledHint')} />
    </RecordDialog>
  );
}

interface GroupsProps {
  rows: GroupRole[];
  onChange: (rows: GroupRole[]) => void;
  error?: string;
}

/** Which role the members of which of the provider's groups get. */
function Groups({ rows, onChange, error }: GroupsProps) {
  const { t } = useTranslation();
  const roles = useRoles();
  const change = (at: number, part: Partial<GroupRole>) =>
    onChange(rows.map((r, i) => (i === at ? { ...r, ...part } : r)));
  return (
    <Stack gap={8}>
      {rows.map((r, i) => (
        <Group key={i} gap={8} wrap="nowrap" align="flex-end">
          <TextInput
            style={{ flex: 1 }}
            label={t('provider.group')}
            value={r.group}
            onChange={(e) => change(i, { group: e.currentTarget.value })}
          />
          <Select
            style={{ flex: 1 }}
            label={t('staff.role')}
            data={roleChoices(t, roles, [r.role])}
            value={r.role}
            onChange={(v) => change(i, { role: v ?? 'read_only' })}
            allowDeselect={false}
          />
          <ActionIcon
            size={36}
            aria-label={t('provider.groupRemove', { name: r.group })}
            onClick={() => onChange(rows.filter((_, at) => at !== i))}
          >
            <IconTrash size={17} />
          </ActionIcon>
        </Group>
      ))}
      {error && (
        <Text size="sm" c="red">
          {error}
        </Text>
      )}
      <Button
        variant="default"
        leftSection={<IconPlus size={16} />}
        onClick={() => onChange([...rows, { group: '', role: 'read_only' }])}
      >
        {t('provider.groupAdd')}
      </Button>
    </Stack>
  );
}
