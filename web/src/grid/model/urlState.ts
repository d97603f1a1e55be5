/** The list's state as search parameters: q, filter, sort, view. Any of them may be missing, old or mistyped. */
import { prune, readFilter } from './filter';
import type { FilterGroup, ListQuery, SortKey } from './types';

export interface ListSearch {
  q?: string;
  filter?: FilterGroup;
  sort?: string;
  view?: string;
}

export function readSort(raw: unknown): SortKey[] {
  if (typeof raw !== 'string') return [];
  const seen = new Set<string>();
  const out: SortKey[] = [];
  for (const part of raw.split(',')) {
    const t = part.trim();
    const desc = t.startsWith('-');
    const field = desc ? t.slice(1) : t;
    if (!/^[a-z][a-z0-9_.]*$/i.test(field) || seen.has(field)) continue;
    seen.add(field);
    out.push({ field, desc });
  }
  return out;
}

export const writeSort = (sort: SortKey[]) => sort.map((s) => (s.desc ? '-' : '') + s.field).join(',');

/** What the router keeps of the address; give it to a list route as `validateSearch`. */
export function validateListSearch(raw: Record<string, unknown>): ListSearch {
  const out: ListSearch = {};
  if (raw.q !== undefined && raw.q !== null && String(raw.q) !== '') out.q = String(raw.q);
  const filter = readFilter(raw.filter);
  if (filter) out.filter = filter;
  const sort = writeSort(readSort(raw.sort));
  if (sort) out.sort = sort;
  if (typeof raw.view === 'string' && raw.view !== '') out.view = raw.view;
  return out;
}

export function searchToQuery(s: ListSearch): ListQuery {
  return { q: s.q ?? '', filter: prune(s.filter) ?? null, sort: readSort(s.sort) };
}

export function queryToSearch(q: ListQuery, view?: string): ListSearch {
  const out: ListSearch = {};
  if (q.q.trim()) out.q = q.q;
  const filter = prune(q.filter);
  if (filter) out.filter = filter;
  if (q.sort.length) out.sort = writeSort(q.sort);
  if (view) out.view = view;
  return out;
}

/** One text per distinct answer of the server; equal text means the same rows in the same order. */
export function queryKey(q: ListQuery): string {
  return JSON.stringify([q.q.trim(), prune(q.filter), writeSort(q.sort)]);
}

export const sameQuery = (a: ListQuery, b: ListQuery) => queryKey(a) === queryKey(b);

/** The next sort after a click on a header: up, down, off; with `add` the others stay. */
export function nextSort(sort: SortKey[], field: string, add: boolean): SortKey[] {
  const at = sort.findIndex((s) => s.field === field);
  const now = sort[at];
  const next: SortKey | null = !now ? { field, desc: false } : now.desc ? null : { field, desc: true };
  if (!add) return next ? [next] : [];
  const out = sort.slice();
  if (at < 0) out.push(next!);
  else if (next) out[at] = next;
  else out.splice(at, 1);
  return out;
}
