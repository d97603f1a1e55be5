import { Anchor, SegmentedControl, SimpleGrid, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '@/api/client';
import type { Field } from '@/api/types';
import { FieldInput, type InputKind } from '@/form/FieldInput';
import { choiceLabel, fieldLabel } from '@/form/fields';
import type { RecordForm } from '@/form/useRecordForm';
import { Section } from '@/ui/Section';
import { customerQuery } from '../model';

interface Props {
  form: RecordForm;
  /** GET /customers/fields; drives custom fields and what may be edited. */
  fields: Field[];
  /** Fields that cannot change any more (on an existing record). */
  fixed: string[];
  provider: boolean;
  isNew: boolean;
  error: unknown;
}

const kinds: Record<string, InputKind> = {
  description: 'textarea',
  email: 'email',
  telephone: 'tel',
  country: 'country',
  currency: 'currency',
  language: 'language',
  timezone: 'timezone',
  groups: 'groups',
  reseller: 'reseller',
};

/** Every field of a customer or provider, in the order people fill them. */
export function CustomerFields(props: Props) {
  const { t } = useTranslation();
  const { form, fields, provider } = props;
  const person = form.values.party === 'person';
  const custom = fields.filter((f) => f.custom && f.editable);
  const input = (name: string, autoFocus?: boolean) => (
    <BuiltIn key={name} name={name} {...props} autoFocus={autoFocus} />
  );
  return (
    <Stack gap="md">
      <Section title={t('customer.section.identity')}>
        <Stack gap="sm">
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
            <Switcher form={form} name="party" options={['organization', 'person']} />
            {!provider && <Switcher form={form} name="kind" options={['customer', 'reseller']} />}
          </SimpleGrid>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
            {person
              ? [input('first_name', props.isNew), input('last_name'), input('company')]
              : [input('company', props.isNew), input('first_name'), input('last_name')]}
            {input('name')}
            {input('reference')}
            {input('tax_number')}
          </SimpleGrid>
          {input('description')}
        </Stack>
      </Section>
      <Section title={t('customer.section.contact')}>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          {['email', 'telephone', 'address_1', 'address_2', 'postal_code', 'city', 'province', 'country'].map(
            (n) => input(n),
          )}
        </SimpleGrid>
      </Section>
      <Section title={t('customer.section.account')}>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          {input('billing_type')}
          {[
            'currency',
            'language',
            'timezone',
            'groups',
            ...(provider ? [] : ['reseller']),
            'external_id',
          ].map((n) => input(n))}
        </SimpleGrid>
      </Section>
      {custom.length > 0 && (
        <Section title={t('customer.section.custom')}>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
            {custom.map((field) => (
              <CustomInput key={field.name} field={field} form={form} />
            ))}
          </SimpleGrid>
        </Section>
      )}
    </Stack>
  );
}

function Switcher({ form, name, options }: { form: RecordForm; name: string; options: string[] }) {
  const { t } = useTranslation();
  const label = fieldLabel(t, name);
  const value = String(form.values[name]);
  // A provider turned up in the customer's form, or the other way round: keep what is there.
  const all = options.includes(value) ? options : [...options, value];
  return (
    <div>
      <Text component="span" size="sm" fw={600}>
        {label}
      </Text>
      <SegmentedControl
        fullWidth
        mt={2}
        aria-label={label}
        value={value}
        onChange={(v) => form.set(name, v)}
        data={all.map((o) => ({ value: o, label: choiceLabel(t, name, o) }))}
      />
      {form.errors[name] && (
        <Text size="xs" c="var(--mantine-color-error)">
          {form.errors[name]}
        </Text>
      )}
    </div>
  );
}

interface BuiltInProps extends Props {
  name: string;
  autoFocus?: boolean;
}

function BuiltIn({ name, form, fields, fixed, isNew, error, autoFocus }: BuiltInProps) {
  const { t } = useTranslation();
  const field = fields.find((f) => f.name === name);
  const description = t(`fieldHint.${name}`, { defaultValue: '' });
  const masked = field?.masked === true;
  const isFixed = masked || fixed.includes(name) || (!isNew && field?.editable === false);
  return (
    <FieldInput
      kind={name === 'billing_type' ? 'choice' : (kinds[name] ?? 'text')}
      name={name}
      label={fieldLabel(t, name, field?.label)}
      description={masked ? t('masked.field') : isFixed ? t('customer.fixed') : description || undefined}
      value={form.values[name]}
      onChange={(v) => form.set(name, v)}
      error={errorOf(form.errors[name], name, error)}
      disabled={isFixed}
      autoFocus={autoFocus}
      required={name === 'billing_type'}
      choices={
        name === 'billing_type'
          ? ['prepaid', 'postpaid'].map((value) => ({ value, label: choiceLabel(t, name, value) }))
          : undefined
      }
    />
  );
}

/** A message; for a duplicate with a link to who has the value. */
function errorOf(message: string | undefined, name: string, error: unknown): ReactNode {
  if (!message || !isApiError(error)) return message;
  const entry = error.fields.find((f) => f.field === name);
  const id = /\bcus_[0-9a-z]+\b/.exec(message)?.[0];
  if (!entry || !id) return message;
  const [before, after] = message.split(id);
  return (
    <>
      {before}
      <CustomerLink id={id} />
      {after}
    </>
  );
}

/** Another customer by name, opened beside this page so that nothing typed is lost. */
function CustomerLink({ id }: { id: string }) {
  const { data } = useQuery(customerQuery(id));
  return (
    <Anchor component={Link} to={`/customers/${id}`} target="_blank" size="xs" c="inherit" underline="always">
      {data ? `${data.name} (${data.customer_id})` : id}
    </Anchor>
  );
}

const customKinds: Record<string, InputKind> = {
  number: 'number',
  day: 'date',
  date: 'date',
  choice: 'choice',
};

function CustomInput({ field, form }: { field: Field; form: RecordForm }) {
  return (
    <FieldInput
      kind={customKinds[field.type] ?? 'text'}
      name={field.name}
      label={field.label}
      description={field.help || undefined}
      required={field.required}
      choices={field.choices}
      value={form.values[field.name]}
      onChange={(v) => form.set(field.name, v)}
      error={form.errors[field.name]}
    />
  );
}
