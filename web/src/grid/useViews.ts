import { useCallback } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { List, View } from '@/api/types';
import { readFilter, prune } from './model/filter';
import type { ListQuery } from './model/types';
import { queryKey, readSort, writeSort } from './model/urlState';
import type { ColumnState } from './model/columns';

export type { View };

export const viewQuery = (v: View): ListQuery => ({
  q: v.q ?? '',
  filter: readFilter(v.filter),
  sort: readSort(v.sort),
});

export const sameAsView = (v: View, q: ListQuery) => queryKey(viewQuery(v)) === queryKey(q);

/** What a view keeps, from what is on screen. */
export function viewBody(q: ListQuery, columns: ColumnState[]) {
  return {
    q: q.q.trim(),
    filter: prune(q.filter),
    sort: writeSort(q.sort),
    columns: columns.map(({ name, width, hidden, pinned }) => ({ name, width, hidden, pinned })),
  };
}

export function useViews(target: string, enabled: boolean) {
  const client = useQueryClient();
  const key = ['views', target];
  const q = useQuery({
    queryKey: key,
    enabled,
    staleTime: 30_000,
    queryFn: async ({ signal }) =>
      (await api.get<List<View>>('/views', { signal, query: { target, limit: 200 } })).items ?? [],
  });
  const reload = () => client.invalidateQueries({ queryKey: key });
  const create = async (body: Partial<View>) => {
    const v = await api.post<View>('/views', { target, ...body });
    await reload();
    return v;
  };
  const update = async (v: View, patch: Partial<View>) => {
    const next = await api.patch<View>(`/views/${v.id}`, patch, { version: v.version });
    await reload();
    return next;
  };
  const remove = async (v: View) => {
    await api.delete(`/views/${v.id}`, { version: v.version });
    await reload();
  };
  const find = useCallback((id: string | undefined) => q.data?.find((v) => v.id === id), [q.data]);
  return { views: q.data ?? [], settled: !enabled || q.isSuccess || q.isError, find, create, update, remove };
}
