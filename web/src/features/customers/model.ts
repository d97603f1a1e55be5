import { queryOptions } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { Customer, CustomerStatus, CustomValue, Ref, Settings } from '@/api/types';
import type { Values } from '@/form/useRecordForm';

export const customerQuery = (id: string) =>
  queryOptions({
    queryKey: ['customers', 'one', id],
    queryFn: ({ signal }) => api.get<Customer>(`/customers/${encodeURIComponent(id)}`, { signal }),
  });

/** The change of status that the rules allow. */
export const transitions: Record<CustomerStatus, CustomerStatus[]> = {
  pending: ['active', 'closed'],
  active: ['inactive', 'penalty', 'closed'],
  inactive: ['active', 'penalty', 'closed'],
  penalty: ['active', 'inactive', 'closed'],
  closed: ['inactive'],
};

const plain = [
  'kind',
  'party',
  'reference',
  'name',
  'first_name',
  'last_name',
  'company',
  'description',
  'billing_type',
  'currency',
  'email',
  'telephone',
  'address_1',
  'address_2',
  'city',
  'province',
  'postal_code',
  'country',
  'timezone',
  'language',
  'tax_number',
  'external_id',
] as const;

/** The record as flat form values. */
export function toValues(customer: Customer): Values {
  const values: Values = {};
  for (const name of plain) values[name] = customer[name] ?? '';
  values.groups = customer.groups.map((g) => g.id);
  values.reseller = customer.reseller;
  for (const [key, value] of Object.entries(customer.custom)) values[`custom.${key}`] = value ?? '';
  return values;
}

/** What a blank form starts with. */
export function blankValues(kind: 'customer' | 'provider', settings?: Settings): Values {
  const values: Values = {};
  for (const name of plain) values[name] = '';
  return {
    ...values,
    kind,
    party: 'organization',
    billing_type: 'prepaid',
    country: settings?.default_country ?? '',
    currency: settings?.default_currency ?? '',
    language: settings?.default_language ?? '',
    timezone: settings?.default_timezone ?? '',
    groups: [],
    reseller: null,
  };
}

function customValue(value: unknown, numeric: boolean): CustomValue {
  if (value === '' || value === null || value === undefined) return null;
  const text = String(value).trim();
  // What is not a number goes to the server as written: it explains the mistake.
  if (numeric && /^-?\d{1,15}(\.\d{1,6})?$/.test(text)) return Number(text);
  return text;
}

/** The named fields as a request body. */
export function toBody(values: Values, names: string[], numericCustom: Set<string>): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  const custom: Record<string, CustomValue> = {};
  for (const name of names) {
    const value = values[name];
    if (name.startsWith('custom.')) {
      const key = name.slice('custom.'.length);
      custom[key] = customValue(value, numericCustom.has(key));
    } else if (name === 'reseller') body.reseller = (value as Ref | null)?.id ?? null;
    else if (name === 'groups') body.groups = value;
    else if (name === 'reference' || name === 'email') body[name] = String(value).trim() || null;
    else body[name] = typeof value === 'string' ? value.trim() : value;
  }
  if (Object.keys(custom).length > 0) body.custom = custom;
  return body;
}

/** Fields of a new record that were filled in; the rest gets the server's defaults. */
export function filled(values: Values): string[] {
  return Object.keys(values).filter((name) => {
    const value = values[name];
    return Array.isArray(value) ? value.length > 0 : value !== '' && value !== null && value !== undefined;
  });
}
