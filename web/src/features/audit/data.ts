import { infiniteQueryOptions } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { AuditEntry, List } from '@/api/types';

/** The history of one record, newest first. */
export const auditQuery = (table: string, rowId: string) =>
  infiniteQueryOptions({
    queryKey: ['audit-entries', table, rowId],
    queryFn: ({ pageParam, signal }) =>
      api.get<List<AuditEntry>>('/audit-entries', {
        query: {
          filter: JSON.stringify({
            and: [
              { field: 'table', op: 'eq', value: table },
              { field: 'row_id', op: 'eq', value: rowId },
            ],
          }),
          sort: '-at',
          limit: 50,
          cursor: pageParam,
          total: 'none',
        },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor || undefined,
  });
