import { Button, SimpleGrid, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError, newKey } from '@/api/client';
import { FieldInput, type InputKind } from '@/form/FieldInput';
import { choiceLabel, fieldLabel } from '@/form/fields';
import { StaleDialog } from '@/form/StaleDialog';
import { UnsavedGuard } from '@/form/UnsavedGuard';
import { focusFirstError, useRecordForm, type Values } from '@/form/useRecordForm';
import { ProblemAlert } from '@/ui/ProblemAlert';
import classes from './portal.module.css';

export interface FormField {
  name: string;
  kind: InputKind;
  required?: boolean;
  description?: string;
  choices?: string[];
  autoComplete?: string;
}

interface Props<T> {
  fields: FormField[];
  /** Where it is written: a record there is changed, none is added. */
  path: string;
  record?: T;
  initial?: Values;
  submit: string;
  onSaved: (saved: T) => void | Promise<void>;
  onCancel?: () => void;
  autoFocus?: boolean;
}

interface Versioned {
  version: number;
}

/** A form of the portal: a few fields, one button. What somebody else saved meanwhile is shown and chosen from. */
export function PortalForm<T extends Versioned>(props: Props<T>) {
  const { fields, path, record, initial, submit, onSaved, onCancel, autoFocus } = props;
  const { t } = useTranslation();
  const pick = (from: object | undefined): Values =>
    Object.fromEntries(
      fields.map((f) => [f.name, (from as Values | undefined)?.[f.name] ?? initial?.[f.name] ?? '']),
    );
  const form = useRecordForm(pick(record));
  const [version, setVersion] = useState(record?.version);
  const [stale, setStale] = useState<T | null>(null);
  const leaving = useRef(false);
  const attempt = useRef({ body: '', key: '' });
  const save = useMutation({
    mutationFn: ({ values, names, against }: { values: Values; names: string[]; against?: number }) => {
      const body = Object.fromEntries(names.map((n) => [n, String(values[n] ?? '').trim()]));
      if (record) return api.patch<T>(path, body, { version: against });
      const text = JSON.stringify(body);
      if (attempt.current.body !== text) attempt.current = { body: text, key: newKey() };
      return api.post<T>(path, body, { idempotencyKey: attempt.current.key });
    },
    onSuccess: async (saved) => {
      setStale(null);
      setVersion(saved.version);
      leaving.current = true;
      form.reset(pick(saved));
      await onSaved(saved);
      leaving.current = false;
    },
    onError: (error) => {
      if (isApiError(error) && error.status === 412 && error.current) return setStale(error.current as T);
      if (form.take(error)) focusFirstError();
    },
  });
  const label = (name: string) => fieldLabel(t, name);
  const names = fields.map((f) => f.name);
  const hidden = (name: string) => !!record && (record as Record<string, unknown>)[name] === null;
  const isStale = isApiError(save.error) && save.error.status === 412;
  return (
    <form
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (save.isPending || (record && !form.dirty)) return;
        const wanted = record ? form.changed : names.filter((n) => form.values[n]);
        save.mutate({ values: form.values, names: wanted, against: version });
      }}
    >
      <Stack gap="md">
        {!!save.error && !isStale && (
          <ProblemAlert
            error={save.error}
            shown={names}
            labels={Object.fromEntries(names.map((n) => [n, label(n)]))}
          />
        )}
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
          {fields
            .filter((f) => !hidden(f.name))
            .map((f, i) => (
              <FieldInput
                key={f.name}
                kind={f.kind}
                name={f.name}
                label={label(f.name)}
                description={f.description}
                required={f.required}
                autoComplete={f.autoComplete}
                autoFocus={autoFocus && i === 0}
                choices={f.choices?.map((value) => ({ value, label: choiceLabel(t, f.name, value) }))}
                value={form.values[f.name]}
                onChange={(v) => form.set(f.name, v)}
                error={form.errors[f.name]}
              />
            ))}
        </SimpleGrid>
        <div className={classes.bar2}>
          <Text c="dimmed" role="status" mr="auto">
            {record && form.dirty ? t('form.unsaved') : ''}
          </Text>
          {onCancel && (
            <Button variant="default" onClick={onCancel}>
              {t('action.cancel')}
            </Button>
          )}
          <Button type="submit" loading={save.isPending} disabled={!!record && !form.dirty}>
            {submit}
          </Button>
        </div>
      </Stack>
      <UnsavedGuard dirty={form.dirty && !onCancel} leaving={leaving} />
      {stale && (
        <StaleDialog
          base={form.base}
          mine={form.values}
          theirs={pick(stale)}
          label={label}
          show={(name, value) => (value ? choiceLabel(t, name, String(value)) : '')}
          pending={save.isPending}
          onClose={() => setStale(null)}
          onResolve={(values) => {
            const theirs = pick(stale);
            form.reset(values, theirs);
            const wanted = names.filter((n) => values[n] !== theirs[n]);
            save.mutate({ values, names: wanted, against: stale.version });
          }}
        />
      )}
    </form>
  );
}
