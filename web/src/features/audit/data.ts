import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { AuditEntry, List } from '@/api/types';

const ofRecord = (table: string, rowId: string) => [
  { field: 'table', op: 'eq', value: table },
  { field: 'row_id', op: 'eq', value: rowId },
];

/** The newest entry about a record: what it is called. */
export const latestQuery = (table: string, rowId: string) =>
  queryOptions({
    queryKey: ['audit-entries', table, rowId, 'latest'],
    queryFn: async ({ signal }) =>
      (
        await api.get<List<AuditEntry>>('/audit-entries', {
          query: {
            filter: JSON.stringify({ and: ofRecord(table, rowId) }),
            sort: '-at',
            limit: 1,
            total: 'none',
          },
          signal,
        })
      ).items[0] ?? null,
  });

/** The history of one record, newest first; of one field of it, when one is named. */
export const auditQuery = (table: string, rowId: string, field = '') =>
  infiniteQueryOptions({
    queryKey: ['audit-entries', table, rowId, field],
    queryFn: ({ pageParam, signal }) =>
      api.get<List<AuditEntry>>('/audit-entries', {
        query: {
          filter: JSON.stringify({
            and: [
              ...ofRecord(table, rowId),
              // Changes are kept as JSON.
              ...(field
                ? [{ field: 'changes', op: 'contains', value: `"field":${JSON.stringify(field)}` }]
                : []),
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
