import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { api } from '@/api/client';
import type { Choice, Group, List } from '@/api/types';

export const groupsQuery = (q: string) =>
  infiniteQueryOptions({
    queryKey: ['groups', 'list', q],
    queryFn: ({ pageParam, signal }) =>
      api.get<List<Group>>('/groups', { query: { q, sort: 'name', limit: 100, cursor: pageParam }, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor || undefined,
  });

export const groupQuery = (id: string) =>
  queryOptions({
    queryKey: ['groups', 'one', id],
    queryFn: ({ signal }) => api.get<Group>(`/groups/${encodeURIComponent(id)}`, { signal }),
  });

const builtIn = ['client', 'staff', 'promotional', 'territory', 'other'];

/** A type in the reader's language; the operator's own types carry their own name. */
export function typeLabel(t: TFunction, type: string, given?: string): string {
  return t(`groupType.${type}`, { defaultValue: given || type });
}

/** The types to choose from: the built-in ones and the operator's own from settings. */
export function typeChoices(t: TFunction, own: (string | Choice)[] = []): Choice[] {
  const more = own.map((o) => (typeof o === 'string' ? { value: o, label: o } : o));
  const all = [
    ...builtIn.map((value) => ({ value, label: value })),
    ...more.filter((m) => !builtIn.includes(m.value)),
  ];
  return all.map((c) => ({ value: c.value, label: typeLabel(t, c.value, c.label) }));
}
