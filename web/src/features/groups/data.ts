import { queryOptions } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { api } from '@/api/client';
import type { Choice, Group } from '@/api/types';

export const groupQuery = (id: string) =>
  queryOptions({
    queryKey: ['groups', 'one', id],
    queryFn: ({ signal }) => api.get<Group>(`/groups/${encodeURIComponent(id)}`, { signal }),
  });

const builtIn = ['client', 'staff', 'promotional', 'territory', 'other'];

/** A type in the reader's language; the operator's own types are called as they are. */
export function typeLabel(t: TFunction, type: string): string {
  return t(`groupType.${type}`, { defaultValue: type });
}

/** The types to choose from: the built-in ones and the operator's own from settings. */
export function typeChoices(t: TFunction, own: string[] = []): Choice[] {
  return [...new Set([...builtIn, ...own])].map((value) => ({ value, label: typeLabel(t, value) }));
}
