import { Button, Checkbox, Group, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import type { PermissionInfo, RoleInfo } from '@/api/types';
import { queryClient } from '@/app/query';
import { useCan, useSession } from '@/app/session';
import { DelayButton } from '@/features/schedule/DelayButton';
import { UnsavedGuard } from '@/form/UnsavedGuard';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { Section } from '@/ui/Section';
import { areaName, byArea, masksQuery, maskText, rolesQuery, sentence } from './data';
import classes from './roles.module.css';

interface Values {
  name: string;
  description: string;
  permissions: string[];
  require_second_factor: boolean;
  masks: string[];
}

interface Props {
  all: PermissionInfo[];
  role?: RoleInfo;
  initial: Values;
  /** What it may do stays as it is. */
  readOnly?: boolean;
  /** Nothing can be changed at all. */
  closed?: boolean;
  onSaved: (role: RoleInfo) => void;
}

const same = (a: string[], b: string[]) => a.length === b.length && a.every((p) => b.includes(p));

/** A role: its name, and area by area what may be done there. */
export function RoleForm({ all, role, initial, readOnly, closed, onSaved }: Props) {
  const { t } = useTranslation();
  const can = useCan();
  const [name, setName] = useState(initial.name);
  const [description, setDescription] = useState(initial.description);
  const [given, setGiven] = useState<string[]>(initial.permissions);
  const [second, setSecond] = useState(initial.require_second_factor);
  const [masks, setMasks] = useState<string[]>(initial.masks);
  const touched =
    second !== initial.require_second_factor ||
    (!readOnly &&
      (name !== initial.name ||
        description !== initial.description ||
        !same(given, initial.permissions) ||
        !same(masks, initial.masks)));
  const leaving = useRef(false);
  const navigate = useNavigate();
  const asks = { require_second_factor: second };
  const body = readOnly
    ? asks
    : { ...asks, name: name.trim(), description: description.trim(), permissions: given, masks };
  const save = useMutation({
    mutationFn: () =>
      role
        ? api.patch<RoleInfo>(`/roles/${role.id}`, body, { version: role.version })
        : api.post<RoleInfo>('/roles', body),
    onSuccess: (saved) => {
      leaving.current = true;
      void queryClient.invalidateQueries({ queryKey: rolesQuery.queryKey, exact: true });
      onSaved(saved);
    },
  });
  const wrong = (field: string) =>
    isApiError(save.error) ? save.error.fields.find((f) => f.field === field)?.message : undefined;
  const give = (ids: string[], on: boolean) =>
    setGiven((now) => (on ? [...new Set([...now, ...ids])] : now.filter((p) => !ids.includes(p))));
  return (
    <form
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="md">
        <ProblemAlert error={save.error} shown={['name', 'description', 'permissions', 'masks']} />
        {!readOnly && (
          <Section title={t('rolePage.about')}>
            <Stack gap="sm">
              <TextInput
                label={t('field.name')}
                value={name}
                onChange={(e) => setName(e.currentTarget.value)}
                error={wrong('name') ?? wrong('role')}
                autoComplete="off"
              />
              <Textarea
                label={t('rolePage.description')}
                value={description}
                onChange={(e) => setDescription(e.currentTarget.value)}
                error={wrong('description')}
                autosize
                minRows={2}
              />
            </Stack>
          </Section>
        )}
        <Section title={t('rolePage.signIn')}>
          <Switch
            label={t('rolePage.second')}
            description={t('rolePage.secondText')}
            checked={second}
            disabled={closed}
            onChange={(e) => setSecond(e.currentTarget.checked)}
          />
        </Section>
        <Section
          title={t('rolePage.permissions')}
          text={readOnly ? undefined : t('rolePage.permissionsText')}
          flush
        >
          <div className={classes.matrix}>
            {byArea(all).map((a) => (
              <Area
                key={a.area}
                area={a.area}
                permissions={a.permissions}
                given={given}
                readOnly={readOnly}
                can={can}
                give={give}
              />
            ))}
          </div>
        </Section>
        <Masks chosen={masks} readOnly={readOnly} onChange={setMasks} />
        {!closed && (
          <Group justify="flex-end">
            <Text c="dimmed" role="status">
              {t('rolePage.count', { count: given.length })}
            </Text>
            <DelayButton
              title={t('schedule.delayAndSave')}
              disabled={!touched && !!role}
              build={() => ({
                method: role ? 'PATCH' : 'POST',
                path: role ? `/roles/${role.id}` : '/roles',
                resource: 'roles',
                body,
                version: role?.version,
              })}
              onDone={() => {
                leaving.current = true;
                void navigate({ to: '/settings/roles' });
              }}
            />
            <Button type="submit" disabled={!touched && !!role} loading={save.isPending}>
              {role ? t('action.save') : t('rolePage.create')}
            </Button>
          </Group>
        )}
      </Stack>
      <UnsavedGuard dirty={touched} leaving={leaving} />
    </form>
  );
}

interface MasksProps {
  chosen: string[];
  readOnly?: boolean;
  onChange: (masks: string[]) => void;
}

/** What the role hides. Who has a mask themselves cannot take it off a role. */
function Masks({ chosen, readOnly, onChange }: MasksProps) {
  const { t } = useTranslation();
  const all = useQuery(masksQuery).data ?? [];
  const own = useSession()?.masks ?? [];
  return (
    <Section title={t('rolePage.masks')} text={t('rolePage.masksText')}>
      <Stack gap={8}>
        {all.map((m) => {
          const must = own.includes(m.id);
          return (
            <Checkbox
              key={m.id}
              label={maskText(t, m)}
              description={must && !readOnly ? t('rolePage.maskYours') : undefined}
              checked={chosen.includes(m.id)}
              disabled={readOnly || (must && chosen.includes(m.id))}
              onChange={(e) =>
                onChange(e.currentTarget.checked ? [...chosen, m.id] : chosen.filter((x) => x !== m.id))
              }
            />
          );
        })}
      </Stack>
    </Section>
  );
}

interface AreaProps {
  area: string;
  permissions: PermissionInfo[];
  given: string[];
  readOnly?: boolean;
  can: (permission?: string) => boolean;
  give: (ids: string[], on: boolean) => void;
}

function Area({ area, permissions, given, readOnly, can, give }: AreaProps) {
  const { t } = useTranslation();
  const mine = permissions.filter((p) => can(p.id)).map((p) => p.id);
  const held = permissions.filter((p) => given.includes(p.id)).length;
  return (
    <fieldset className={classes.area}>
      <legend className={classes.legend}>{areaName(t, area)}</legend>
      <div className={classes.all}>
        <Checkbox
          label={readOnly ? areaName(t, area) : t('rolePage.allOf', { area: areaName(t, area) })}
          fw={550}
          checked={held === permissions.length}
          indeterminate={held > 0 && held < permissions.length}
          disabled={readOnly || mine.length === 0}
          onChange={(e) => give(mine, e.currentTarget.checked)}
        />
      </div>
      <Stack gap={8}>
        {permissions.map((p) => (
          <Checkbox
            key={p.id}
            label={sentence(t, p)}
            description={!readOnly && !can(p.id) ? t('rolePage.notYours') : undefined}
            checked={given.includes(p.id)}
            disabled={readOnly || !can(p.id)}
            onChange={(e) => give([p.id], e.currentTarget.checked)}
          />
        ))}
      </Stack>
    </fieldset>
  );
}
