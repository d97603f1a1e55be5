import { infiniteQueryOptions } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { AuditEntry, Condition, List } from '@/api/types';

export interface AuditSearch {
  table?: string;
  row_id?: string;
  actor?: string;
  action?: string;
  ip?: string;
  message?: string;
  field?: string;
  /** Days, inclusive, in the reader's zone. */
  from?: string;
  to?: string;
  q?: string;
}

export const searchNames = [
  'table',
  'row_id',
  'actor',
  'action',
  'ip',
  'message',
  'field',
  'from',
  'to',
  'q',
] as const;

/** Local midnight at the start of a day, as an instant. */
function startOfDay(day: string, plus = 0): string | undefined {
  const [y, m, d] = day.split('-').map(Number);
  if (!y || !m || !d) return undefined;
  return new Date(y, m - 1, d + plus).toISOString();
}

export function auditFilter(search: AuditSearch): string | undefined {
  const and: Condition[] = [];
  const add = (field: string, op: string, value: unknown) => {
    if (value !== undefined && value !== '') and.push({ field, op, value });
  };
  add('table', 'eq', search.table);
  add('row_id', 'eq', search.row_id);
  add('actor', 'contains', search.actor);
  add('action', 'eq', search.action);
  add('ip', 'starts', search.ip);
  add('message', 'contains', search.message);
  add('at', 'gte', search.from ? startOfDay(search.from) : undefined);
  add('at', 'lt', search.to ? startOfDay(search.to, 1) : undefined);
  return and.length > 0 ? JSON.stringify({ and }) : undefined;
}

export const auditQuery = (search: AuditSearch) =>
  infiniteQueryOptions({
    queryKey: ['audit-entries', search],
    queryFn: ({ pageParam, signal }) =>
      api.get<List<AuditEntry>>('/audit-entries', {
        query: {
          q: search.q,
          filter: auditFilter(search),
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
