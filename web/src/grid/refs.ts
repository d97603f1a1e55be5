import { useMemo } from 'react';
import { useQueries, useQuery } from '@tanstack/react-query';
import { api } from '@/api/client';
import { useCodeChoices } from '@/form/codes';
import { isCodeKind } from '@/i18n/names';
import type { FieldDef, ListPage } from './model/types';

/** Where the things a reference field points to are found; other references take an id as text. */
const PLACES: Record<string, { path: string; params?: Record<string, string> }> = {
  groups: { path: '/groups' },
  group: { path: '/groups' },
  customer: { path: '/customers' },
  reseller: {
    path: '/customers',
    params: { filter: '{"and":[{"field":"kind","op":"eq","value":"reseller"}]}' },
  },
};

interface Named {
  id: string;
  name: string;
}

export const hasPlace = (field: FieldDef) =>
  (field.choices?.length ?? 0) > 0 || field.name in PLACES || isCodeKind(field.name);

/** Options of a reference field for what is typed. */
export function useRefOptions(field: FieldDef, q: string): { value: string; label: string }[] {
  const place = PLACES[field.name];
  const codes = useCodeChoices(isCodeKind(field.name) ? field.name : null);
  const ask = useQuery({
    queryKey: [field.name, 'options', q],
    enabled: !!place && !field.choices?.length,
    staleTime: 30_000,
    queryFn: ({ signal }) =>
      api.get<ListPage<Named>>(place!.path, {
        signal,
        query: { ...place!.params, q, limit: 50, sort: 'name', total: 'none' },
      }),
  });
  return useMemo(
    () =>
      field.choices?.length
        ? field.choices
        : codes
          ? codes
          : (ask.data?.items.map((i) => ({ value: i.id, label: i.name })) ?? []),
    [field.choices, codes, ask.data],
  );
}

/** Names of references that are used in a filter, by id. */
export function useRefNames(wanted: { field: FieldDef; id: string }[]): Map<string, string> {
  const known = wanted.filter((w) => w.field.name in PLACES && !w.field.choices?.length);
  const asks = useQueries({
    queries: known.map((w) => ({
      queryKey: [w.field.name, 'name', w.id],
      staleTime: 5 * 60_000,
      retry: false,
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        api.get<Named>(`${PLACES[w.field.name]!.path}/${w.id}`, { signal }),
    })),
  });
  const out = new Map<string, string>();
  known.forEach((w, i) => {
    const name = asks[i]?.data?.name;
    if (name) out.set(w.id, name);
  });
  return out;
}
