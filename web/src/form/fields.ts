import { queryOptions, useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Field, Reference } from '@/api/types';

export const fieldsQuery = (target: string) =>
  queryOptions({
    queryKey: ['fields', target],
    queryFn: async ({ signal }) =>
      (await api.get<{ fields: Field[] }>(`/${target}/fields`, { signal })).fields,
    staleTime: 5 * 60_000,
  });

/** What a list's records consist of, custom fields included: GET /<target>/fields. */
export function useFields(target: string) {
  return useQuery(fieldsQuery(target));
}

/** Countries, currencies, languages and zones. */
export const referenceQuery = queryOptions({
  queryKey: ['reference'],
  queryFn: ({ signal }) => api.get<Reference>('/reference', { signal }),
  staleTime: Infinity,
});

/** A field's name in the reader's language; custom fields carry their own. */
export function fieldLabel(t: TFunction, name: string, given?: string): string {
  if (name.startsWith('custom.')) return given ?? name.slice('custom.'.length);
  return t(`field.${name}`, { defaultValue: given ?? name });
}

/** A choice's name in the reader's language; custom choices carry their own. */
export function choiceLabel(t: TFunction, field: string, value: string, given?: string): string {
  if (field.startsWith('custom.')) return given ?? value;
  return t(`choice.${field}.${value}`, { defaultValue: given ?? value });
}

export function useFieldLabel(target: string): (name: string) => string {
  const { t } = useTranslation();
  const { data } = useFields(target);
  return (name) => fieldLabel(t, name, data?.find((f) => f.name === name)?.label);
}
