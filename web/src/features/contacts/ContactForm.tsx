import {
  Autocomplete,
  Button,
  Checkbox,
  Group,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  Textarea,
} from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError, newKey } from '@/api/client';
import type { Contact } from '@/api/types';
import { DelayDialog, type DelayedRequest } from '@/features/schedule/DelayDialog';
import { ChangesTable } from '@/features/schedule/ChangesTable';
import { usePermission } from '@/app/session';
import { CommentBox } from '@/form/CommentBox';
import { FieldInput, type InputKind } from '@/form/FieldInput';
import { choiceLabel, fieldLabel, useFields } from '@/form/fields';
import { StaleDialog } from '@/form/StaleDialog';
import { UnsavedGuard } from '@/form/UnsavedGuard';
import { focusFirstError, useRecordForm, type RecordForm, type Values } from '@/form/useRecordForm';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { SaveButton, type SaveMode } from '@/ui/SaveButton';
import { Section } from '@/ui/Section';
import { filled, remember, roles, toBody, toValues, typesQuery } from './model';
import classes from './contacts.module.css';

interface Props {
  customerId: string;
  /** The record to change; left out for a new one. */
  contact?: Contact;
  initial: Values;
  /** After a create that stays: the page says who was added and offers a blank form. */
  onCreated?: (contact: Contact) => void;
}

interface SaveRequest {
  mode: SaveMode;
  values: Values;
  version?: number;
  names: string[];
}

/** Notes of a refused save that look like a secret. */
const suspectsOf = (error: unknown) =>
  isApiError(error) ? error.fields.filter((f) => f.code === 'looks_like_secret').map((f) => f.field) : [];

/** One form for create and edit. */
export function ContactForm({ customerId, contact, initial, onCreated }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const form = useRecordForm(initial);
  const [version, setVersion] = useState(contact?.version);
  const [stale, setStale] = useState<{ current: Contact; mode: SaveMode } | null>(null);
  const [suspects, setSuspects] = useState<string[]>([]);
  const [comment, setComment] = useState('');
  const [insist, setInsist] = useState<string[]>([]);
  const leaving = useRef(false);
  const mayDelay = usePermission('schedule.read');
  const [delayed, setDelayed] = useState<DelayedRequest | null>(null);
  // One key for each distinct attempt: pressing Save again after a lost answer adds nobody twice.
  const attempt = useRef({ body: '', key: '' });

  const save = useMutation({
    mutationFn: ({ values, names, version: against }: SaveRequest) => {
      const body = toBody(values, names, insist);
      if (contact) return api.patch<Contact>(`/contacts/${contact.id}`, body, { version: against, comment });
      const text = JSON.stringify(body);
      if (attempt.current.body !== text) attempt.current = { body: text, key: newKey() };
      return api.post<Contact>(`/customers/${customerId}/contacts`, body, {
        idempotencyKey: attempt.current.key,
        comment,
      });
    },
    onSuccess: async (saved, { mode }) => {
      setStale(null);
      setSuspects([]);
      setInsist([]);
      setComment('');
      remember(saved);
      if (mode === 'continue') {
        leaving.current = true;
        await navigate({ to: contact ? `/contacts/${saved.id}` : `/customers/${customerId}/contacts` });
        return;
      }
      if (!contact) onCreated?.(saved);
      else {
        setVersion(saved.version);
        form.reset(toValues(saved));
      }
    },
    onError: (error, { mode }) => {
      if (isApiError(error) && error.status === 412 && error.current) {
        setStale({ current: error.current as Contact, mode });
        return;
      }
      setSuspects((old) => [...new Set([...old, ...suspectsOf(error)])]);
      if (form.take(error)) focusFirstError();
    },
  });

  const away = contact ? `/contacts/${contact.id}` : `/customers/${customerId}/contacts`;
  const submit = (mode: SaveMode) => {
    if (save.isPending) return;
    if (contact && !form.dirty) {
      if (mode === 'continue') void navigate({ to: away });
      return;
    }
    save.mutate({ mode, values: form.values, version, names: contact ? form.changed : filled(form.values) });
  };
  /** The same save, to be kept for later. */
  const delay = () => {
    if (contact && !form.dirty) return;
    setDelayed({
      method: contact ? 'PATCH' : 'POST',
      path: contact ? `/contacts/${contact.id}` : `/customers/${customerId}/contacts`,
      resource: 'contacts',
      body: toBody(form.values, contact ? form.changed : filled(form.values), insist),
      version,
      comment,
    });
  };
  const resolve = (values: Values) => {
    if (!stale) return;
    const theirs = toValues(stale.current);
    form.reset(values, theirs);
    setVersion(stale.current.version);
    const names = Object.keys(values).filter((n) => values[n] !== theirs[n]);
    save.mutate({ mode: stale.mode, values, version: stale.current.version, names });
  };
  const notes: Notes = {
    suspects,
    insist,
    onInsist: (name, on) => setInsist((old) => (on ? [...old, name] : old.filter((n) => n !== name))),
    // Another text is another question.
    onText: (name, value) => {
      form.set(name, value);
      setSuspects((old) => old.filter((n) => n !== name));
      setInsist((old) => old.filter((n) => n !== name));
    },
  };

  const shown = Object.keys(form.values);
  const label = (name: string) => fieldLabel(t, name);
  const show = (name: string, value: unknown) =>
    typeof value === 'boolean'
      ? t(value ? 'state.yes' : 'state.no')
      : value
        ? choiceLabel(t, name, String(value))
        : '';
  const isStale = isApiError(save.error) && save.error.status === 412;
  return (
    <form
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        submit('continue');
      }}
      className={classes.form}
    >
      {save.error && !isStale && (
        <div className={classes.problem}>
          <ProblemAlert
            error={save.error}
            shown={shown}
            labels={Object.fromEntries(shown.map((n) => [n, label(n)]))}
          />
        </div>
      )}
      <Fields form={form} notes={notes} isNew={!contact} />
      <Section title={t('form.why')}>
        <CommentBox value={comment} onChange={setComment} />
      </Section>
      <div className={classes.bar}>
        <Text c="dimmed" role="status" className={classes.state}>
          {form.dirty ? t('form.unsaved') : ''}
        </Text>
        <Group gap={8} wrap="nowrap">
          <Button variant="default" onClick={() => void navigate({ to: away })}>
            {t('action.cancel')}
          </Button>
          <SaveButton
            onSave={submit}
            pending={save.isPending}
            more={
              mayDelay
                ? [
                    {
                      key: 'delay',
                      label: t('schedule.delayAndSave'),
                      icon: <IconClock size={16} />,
                      onPick: delay,
                    },
                  ]
                : []
            }
          />
        </Group>
      </div>
      <UnsavedGuard dirty={form.dirty} leaving={leaving} />
      {delayed && (
        <DelayDialog
          title={t('schedule.delayAndSave')}
          request={delayed}
          preview={
            contact && (
              <ChangesTable
                changes={form.changed.map((name) => ({
                  label: label(name),
                  from: show(name, form.base[name]),
                  to: show(name, form.values[name]),
                }))}
              />
            )
          }
          onRefused={(error) => {
            setSuspects((old) => [...new Set([...old, ...suspectsOf(error)])]);
            if (form.take(error)) {
              setDelayed(null);
              focusFirstError();
            }
          }}
          onClose={() => setDelayed(null)}
          onDone={() => {
            leaving.current = true;
            void navigate({ to: away });
          }}
        />
      )}
      {stale && (
        <StaleDialog
          base={form.base}
          mine={form.values}
          theirs={toValues(stale.current)}
          label={label}
          show={show}
          pending={save.isPending}
          onClose={() => setStale(null)}
          onResolve={resolve}
        />
      )}
    </form>
  );
}

/** Notes that were refused, and those that the person keeps as they are. */
interface Notes {
  suspects: string[];
  insist: string[];
  onInsist: (name: string, on: boolean) => void;
  onText: (name: string, value: string) => void;
}

interface FieldsProps {
  form: RecordForm;
  notes: Notes;
  isNew: boolean;
}

function Fields({ form, notes, isNew }: FieldsProps) {
  const { t } = useTranslation();
  const types = useQuery(typesQuery);
  const listed = useFields('contacts').data;
  const masked = (name: string) => listed?.find((f) => f.name === name)?.masked === true;
  const input = (name: string, kind: InputKind, more?: { required?: boolean; autoFocus?: boolean }) => (
    <FieldInput
      kind={kind}
      name={name}
      label={fieldLabel(t, name)}
      value={form.values[name]}
      onChange={(v) => form.set(name, v)}
      error={form.errors[name]}
      description={masked(name) ? t('masked.field') : kind === 'tel' ? t('contact.phoneHint') : undefined}
      disabled={masked(name)}
      {...more}
    />
  );
  return (
    <Stack gap="md">
      <Section title={t('contact.who')}>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          {input('name', 'text', { required: true, autoFocus: isNew })}
          <Autocomplete
            name="type"
            label={t('field.type')}
            description={t('contact.typeHint')}
            data={types.data ?? []}
            limit={20}
            value={String(form.values.type ?? '')}
            onChange={(v) => form.set('type', v)}
            error={form.errors.type}
            comboboxProps={{ shadow: 'md' }}
          />
          <FieldInput
            kind="choice"
            name="role"
            label={t('contact.role')}
            description={t(`contact.roleText.${String(form.values.role)}`, { defaultValue: '' })}
            value={form.values.role}
            onChange={(v) => form.set('role', v)}
            error={form.errors.role}
            required
            choices={roles.map((value) => ({ value, label: choiceLabel(t, 'role', value) }))}
          />
        </SimpleGrid>
      </Section>
      <Section title={t('contact.reach')}>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          <Stack gap={8}>
            {input('email', 'email')}
            <Flag form={form} name="email_verified" />
          </Stack>
          <Stack gap={8}>
            {input('mobile', 'tel')}
            <Flag form={form} name="mobile_verified" />
          </Stack>
          {input('phone', 'tel')}
          <FieldInput
            kind="language"
            name="language"
            label={fieldLabel(t, 'language')}
            description={t('contact.languageHint')}
            value={form.values.language}
            onChange={(v) => form.set('language', v)}
            error={form.errors.language}
          />
        </SimpleGrid>
      </Section>
      <Section title={t('contact.notes')}>
        <Stack gap="sm">
          <Note form={form} notes={notes} name="public_notes" hint={t('contact.publicHint')} />
          {'private_notes' in form.values && (
            <Note form={form} notes={notes} name="private_notes" hint={t('contact.privateHint')} />
          )}
        </Stack>
      </Section>
      <Section title={t('contact.signIn')}>
        <Textarea
          name="allowed_ips"
          label={t('field.allowed_ips')}
          description={t('contact.networksHint')}
          autosize
          minRows={2}
          maxRows={8}
          value={String(form.values.allowed_ips ?? '')}
          onChange={(e) => form.set('allowed_ips', e.currentTarget.value)}
          error={form.errors.allowed_ips}
        />
      </Section>
    </Stack>
  );
}

function Flag({ form, name }: { form: RecordForm; name: string }) {
  const { t } = useTranslation();
  return (
    <Switch
      name={name}
      label={fieldLabel(t, name)}
      checked={form.values[name] === true}
      onChange={(e) => form.set(name, e.currentTarget.checked)}
      error={form.errors[name]}
    />
  );
}

function Note({ form, notes, name, hint }: { form: RecordForm; notes: Notes; name: string; hint: string }) {
  const { t } = useTranslation();
  return (
    <Stack gap={6}>
      <Textarea
        name={name}
        label={fieldLabel(t, name)}
        description={hint}
        autosize
        minRows={2}
        maxRows={10}
        value={String(form.values[name] ?? '')}
        onChange={(e) => notes.onText(name, e.currentTarget.value)}
        error={form.errors[name]}
      />
      {notes.suspects.includes(name) && (
        <Checkbox
          label={t('contact.insist', { name: fieldLabel(t, name) })}
          checked={notes.insist.includes(name)}
          onChange={(e) => notes.onInsist(name, e.currentTarget.checked)}
        />
      )}
    </Stack>
  );
}
