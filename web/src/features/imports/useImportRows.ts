import { useInfiniteQuery } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { List } from '@/api/types';
import type { ImportRow } from './types';

const STEP = 50;

/** Rows of one outcome, a page at a time. */
export function useImportRows(id: string, outcome: string, enabled = true) {
  return useInfiniteQuery({
    queryKey: ['import-rows', id, outcome],
    enabled,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      api.get<List<ImportRow>>(`/imports/${id}/rows`, {
        signal,
        query: { outcome, limit: STEP, cursor: pageParam },
      }),
    getNextPageParam: (last) => last.next_cursor || undefined,
  });
}
