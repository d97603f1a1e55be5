import { MultiSelect, Switch, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import type { Ref, Staff } from '@/api/types';
import { queryClient } from '@/app/query';
import { sessionQuery, useSession } from '@/app/session';
import { FieldInput } from '@/form/FieldInput';
import { roleChoices, roleText, useRoles } from '@/features/roles/data';
import { DelayButton } from '@/features/schedule/DelayButton';
import { PendingBanner } from '@/features/schedule/states';
import { RecordDialog } from '@/ui/RecordDialog';

interface Props {
  staff?: Staff;
  isMe?: boolean;
  onClose: () => void;
  /** A mail server is set: a new person is mailed a link. */
  mails: boolean;
  onCreated: (staff: Staff) => void;
}

export function StaffDialog({ staff, isMe, mails, onClose, onCreated }: Props) {
  const { t } = useTranslation();
  const [name, setName] = useState(staff?.name ?? '');
  const [email, setEmail] = useState(staff?.email ?? '');
  const [mine, setMine] = useState<string[]>(staff?.roles ?? []);
  const roles = useRoles();
  const placed = !!useSession()?.root;
  const [reseller, setReseller] = useState<Ref | null>(staff?.reseller ?? null);
  const [active, setActive] = useState(staff?.status !== 'disabled');
  const common = { name: name.trim(), email: email.trim(), roles: mine };
  const body = staff
    ? { ...common, reseller: reseller?.id ?? null, status: active ? 'active' : 'disabled' }
    : { ...common, reseller: reseller?.id ?? '', invite: mails };
  const save = useMutation({
    mutationFn: () =>
      staff
        ? api.patch<Staff>(`/staff/${staff.id}`, body, { version: staff.version })
        : api.post<Staff>('/staff', body),
    onSuccess: (saved) => {
      if (isMe) void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
      if (staff) onClose();
      else onCreated(saved);
    },
  });
  const wrong = (field: string) =>
    isApiError(save.error) ? save.error.fields.find((f) => f.field === field)?.message : undefined;
  return (
    <RecordDialog
      title={staff ? t('staff.editTitle', { name: staff.name }) : t('staff.newTitle')}
      submit={staff ? t('action.save') : t('staff.create')}
      error={save.error}
      shown={['name', 'email', 'role', 'roles', 'reseller', 'status']}
      pending={save.isPending}
      onSubmit={() => save.mutate()}
      onClose={onClose}
      extra={
        <DelayButton
          title={staff ? t('staff.editTitle', { name: staff.name }) : t('staff.newTitle')}
          build={() => ({
            method: staff ? 'PATCH' : 'POST',
            path: staff ? `/staff/${staff.id}` : '/staff',
            resource: 'staff',
            body,
            version: staff?.version,
          })}
          onDone={onClose}
        />
      }
    >
      {staff && <PendingBanner id={staff.id} resource="staff" />}
      <TextInput
        label={t('field.name')}
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
        error={wrong('name')}
        autoComplete="off"
        data-autofocus
      />
      <TextInput
        label={t('field.email')}
        type="email"
        value={email}
        onChange={(e) => setEmail(e.currentTarget.value)}
        error={wrong('email')}
        autoComplete="off"
      />
      <MultiSelect
        label={t('staff.roles')}
        description={mine.length === 1 ? roleText(t, mine[0], roles) : t('staff.rolesText')}
        searchable
        data={roleChoices(t, roles, mine)}
        value={mine}
        onChange={setMine}
        disabled={isMe}
        error={wrong('roles') ?? wrong('role')}
        comboboxProps={{ shadow: 'md' }}
      />
      {!isMe && (
        <FieldInput
          kind="reseller"
          name="reseller"
          label={t('place.sees')}
          description={t(placed ? 'place.within' : 'place.text')}
          value={reseller}
          onChange={(v) => setReseller(v as Ref | null)}
          error={wrong('reseller')}
        />
      )}
      {staff && !isMe && (
        <Switch
          label={t('staff.maySignIn')}
          checked={active}
          onChange={(e) => setActive(e.currentTarget.checked)}
          error={wrong('status')}
        />
      )}
      {!staff && <Text c="dimmed">{mails ? t('invite.next') : t('staff.linkNext')}</Text>}
    </RecordDialog>
  );
}
