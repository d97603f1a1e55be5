import { Button, Group, Text } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError, newKey } from '@/api/client';
import type { Customer, Field } from '@/api/types';
import { lastList } from '@/app/lastList';
import { queryClient } from '@/app/query';
import { usePermission } from '@/app/session';
import { ChangesTable } from '@/features/schedule/ChangesTable';
import { DelayDialog, type DelayedRequest } from '@/features/schedule/DelayDialog';
import { CommentBox } from '@/form/CommentBox';
import { useFieldLabel } from '@/form/fields';
import { StaleDialog } from '@/form/StaleDialog';
import { UnsavedGuard } from '@/form/UnsavedGuard';
import { focusFirstError, useRecordForm, type Values } from '@/form/useRecordForm';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { SaveButton, type SaveMode } from '@/ui/SaveButton';
import { Section } from '@/ui/Section';
import { filled, toBody, toValues } from '../model';
import { CustomerFields } from './CustomerFields';
import classes from './CustomerForm.module.css';
import { useShownValue } from './useShownValue';

interface Props {
  /** The record to change; left out for a new one. */
  customer?: Customer;
  initial: Values;
  fields: Field[];
  provider: boolean;
  /** After a create that stays: the page says what was made and offers a blank form. */
  onCreated?: (customer: Customer) => void;
}

interface SaveRequest {
  mode: SaveMode;
  values: Values;
  version?: number;
  names: string[];
}

/** One form for create and edit, customers and providers. */
export function CustomerForm({ customer, initial, fields, provider, onCreated }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const form = useRecordForm(initial);
  const label = useFieldLabel('customers');
  const show = useShownValue(fields);
  const [version, setVersion] = useState(customer?.version);
  const [stale, setStale] = useState<{ current: Customer; mode: SaveMode } | null>(null);
  const leaving = useRef(false);
  const mayDelay = usePermission('schedule.read');
  const [comment, setComment] = useState('');
  const [delayed, setDelayed] = useState<DelayedRequest | null>(null);
  // One key for each distinct attempt: pressing Save again after a lost answer creates nothing twice.
  const attempt = useRef({ body: '', key: '' });
  const numeric = useMemo(
    () =>
      new Set(
        fields.filter((f) => f.custom && f.type === 'number').map((f) => f.name.slice('custom.'.length)),
      ),
    [fields],
  );

  const save = useMutation({
    mutationFn: ({ values, names, version: against }: SaveRequest) => {
      const body = toBody(values, names, numeric);
      if (customer)
        return api.patch<Customer>(`/customers/${customer.id}`, body, { version: against, comment });
      const text = JSON.stringify(body);
      if (attempt.current.body !== text) attempt.current = { body: text, key: newKey() };
      return api.post<Customer>('/customers', body, { idempotencyKey: attempt.current.key, comment });
    },
    onSuccess: async (saved, { mode }) => {
      setStale(null);
      setComment('');
      queryClient.setQueryData(['customers', 'one', saved.id], saved);
      void queryClient.invalidateQueries({ queryKey: ['customers'] });
      if (mode === 'continue') {
        leaving.current = true;
        await navigate({ to: lastList('/customers') });
        return;
      }
      if (!customer) onCreated?.(saved);
      else {
        setVersion(saved.version);
        form.reset(toValues(saved));
      }
    },
    onError: (error, { mode }) => {
      if (isApiError(error) && error.status === 412 && error.current) {
        setStale({ current: error.current as Customer, mode });
        return;
      }
      if (form.take(error)) focusFirstError();
    },
  });

  const submit = (mode: SaveMode) => {
    if (save.isPending) return;
    if (customer && !form.dirty) {
      if (mode === 'continue') void navigate({ to: lastList('/customers') });
      return;
    }
    save.mutate({ mode, values: form.values, version, names: customer ? form.changed : filled(form.values) });
  };

  /** The same save, to be kept for later. */
  const delay = () => {
    if (customer && !form.dirty) return;
    const names = customer ? form.changed : filled(form.values);
    setDelayed({
      method: customer ? 'PATCH' : 'POST',
      path: customer ? `/customers/${customer.id}` : '/customers',
      resource: 'customers',
      body: toBody(form.values, names, numeric),
      version: customer ? version : undefined,
      comment,
    });
  };

  const resolve = (values: Values) => {
    if (!stale) return;
    const theirs = toValues(stale.current);
    form.reset(values, theirs);
    setVersion(stale.current.version);
    const names = Object.keys(values).filter((n) => JSON.stringify(values[n]) !== JSON.stringify(theirs[n]));
    save.mutate({ mode: stale.mode, values, version: stale.current.version, names });
  };

  const shown = [...Object.keys(form.values), ...fields.map((f) => f.name)];
  const isStale = isApiError(save.error) && save.error.status === 412;
  const labels = Object.fromEntries(shown.map((n) => [n, label(n)]));
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
          <ProblemAlert error={save.error} shown={shown} labels={labels} />
        </div>
      )}
      <CustomerFields
        form={form}
        fields={fields}
        fixed={customer ? ['billing_type'] : []}
        provider={provider}
        isNew={!customer}
        error={save.error}
      />
      <Section title={t('form.why')}>
        <CommentBox value={comment} onChange={setComment} />
      </Section>
      <div className={classes.bar}>
        <Text c="dimmed" role="status" className={classes.state}>
          {form.dirty ? t('form.unsaved') : ''}
        </Text>
        <Group gap={8} wrap="nowrap">
          <Button
            variant="default"
            onClick={() =>
              void navigate({ to: customer ? `/customers/${customer.id}` : lastList('/customers') })
            }
          >
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
            customer && (
              <ChangesTable
                changes={form.changed.map((name) => ({
                  label: label(name),
                  from: show(name, form.base[name]),
                  to: show(name, form.values[name]),
                }))}
              />
            )
          }
          onClose={() => setDelayed(null)}
          onDone={() => {
            leaving.current = true;
            void navigate({ to: customer ? `/customers/${customer.id}` : lastList('/customers') });
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
