import { MultiSelect, Select, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import type { ApiToken, Ref, Role } from '@/api/types';
import { useSession } from '@/app/session';
import { FieldInput } from '@/form/FieldInput';
import { roleChoices, roleText, useRoles } from '@/features/roles/data';
import { RecordDialog } from '@/ui/RecordDialog';

interface Props {
  onClose: () => void;
  onCreated: (token: ApiToken) => void;
}

export function TokenDialog({ onClose, onCreated }: Props) {
  const { t } = useTranslation();
  const session = useSession();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('read_only');
  const [scopes, setScopes] = useState<string[]>([]);
  const [expires, setExpires] = useState('');
  const roles = useRoles();
  const [reseller, setReseller] = useState<Ref | null>(null);
  const info = roles.find((r) => r.role === role);
  const permissions = info?.permissions ?? session?.permissions ?? [];
  const save = useMutation({
    mutationFn: () =>
      api.post<ApiToken>('/api-tokens', {
        name: name.trim(),
        role,
        scopes,
        reseller: reseller?.id ?? '',
        // The whole of that day, in the person's own zone.
        expires_at: expires ? new Date(`${expires}T23:59:59`).toISOString() : null,
      }),
    onSuccess: onCreated,
  });
  const wrong = (field: string) =>
    isApiError(save.error) ? save.error.fields.find((f) => f.field === field)?.message : undefined;
  return (
    <RecordDialog
      title={t('token.newTitle')}
      submit={t('token.create')}
      error={save.error}
      shown={['name', 'role', 'scopes', 'reseller', 'expires_at']}
      pending={save.isPending}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <TextInput
        label={t('field.name')}
        description={t('token.nameHint')}
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
        error={wrong('name')}
        data-autofocus
      />
      <Select
        label={t('staff.role')}
        description={roleText(t, role, roles)}
        data={roleChoices(t, roles, [role])}
        value={role}
        onChange={(v) => {
          setRole(v ?? 'read_only');
          setScopes([]);
        }}
        allowDeselect={false}
        error={wrong('role')}
        comboboxProps={{ shadow: 'md' }}
      />
      <MultiSelect
        label={t('token.scopes')}
        description={t('token.scopesHint')}
        data={permissions}
        value={scopes}
        onChange={setScopes}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': t('form.clear', { name: t('token.scopes') }) }}
        error={wrong('scopes')}
        comboboxProps={{ shadow: 'md' }}
      />
      <FieldInput
        kind="reseller"
        name="reseller"
        label={t('place.sees')}
        description={t('place.text')}
        value={reseller}
        onChange={(v) => setReseller(v as Ref | null)}
        error={wrong('reseller')}
      />
      <FieldInput
        kind="date"
        name="expires_at"
        label={t('token.expires')}
        description={t('token.expiresHint')}
        value={expires}
        onChange={(v) => setExpires(String(v))}
        error={wrong('expires_at')}
      />
    </RecordDialog>
  );
}
