/** Where a list's rows, fields, sums and files come from: the REST list conventions, the same for every target. */
import { api, apiUrl, download, send } from '@/api/client';
import { writeFilter } from './model/filter';
import type { PageRequest } from './model/pages';
import type { AggregateAnswer, FieldDef, GridRow, ListPage, ListQuery } from './model/types';
import { writeSort } from './model/urlState';

export type ExportFormat = 'csv' | 'xlsx';

export interface ExportRequest {
  format: ExportFormat;
  columns: string[];
  query: ListQuery;
  /** Only these rows; everything that matches the query when left out. */
  ids?: string[];
  /** Only the rows from one place to another, the end exclusive. */
  rows?: { from: number; to: number };
}

/** A list the grid can show. Targets with other endpoints give their own. */
export interface ListSource<T extends GridRow = GridRow> {
  fetchPage(query: ListQuery, req: PageRequest): Promise<ListPage<T>>;
  fields(signal?: AbortSignal): Promise<FieldDef[]>;
  /** Sums by position; left out when the list has no such endpoint. */
  aggregate?(
    query: ListQuery,
    from: number,
    to: number,
    fields: string[],
    signal: AbortSignal,
  ): Promise<AggregateAnswer>;
  /** Formats the server makes a file in. */
  exportFormats: ExportFormat[];
  exportFile(req: ExportRequest): Promise<void>;
}

export function listParams(query: ListQuery): Record<string, string> {
  const out: Record<string, string> = {};
  if (query.q.trim()) out.q = query.q.trim();
  const filter = writeFilter(query.filter);
  if (filter) out.filter = filter;
  const sort = writeSort(query.sort);
  if (sort) out.sort = sort;
  return out;
}

/** Longest address we send before a POST is used instead. */
const MAX_URL = 6000;

/** Saves what a response holds under the name it carries. */
export async function saveResponse(response: Response, fallback: string): Promise<void> {
  const named = /filename="?([^";]+)"?/.exec(response.headers.get('Content-Disposition') ?? '');
  saveBlob(await response.blob(), named?.[1] ?? fallback);
}

export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const a = document.createElement('a');
  a.href = url;
  a.download = name;
  document.body.append(a);
  a.click();
  a.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export interface SourceOptions {
  /** `/aggregate` and `/export` exist beside the list. */
  rich?: boolean;
  /** The list answers as text/csv; true when left out. */
  csv?: boolean;
  /** Always asked for as well. */
  params?: Record<string, string>;
}

/** The usual source of `/api/v1<path>`. */
export function restSource<T extends GridRow = GridRow>(path: string, o: SourceOptions = {}): ListSource<T> {
  const source: ListSource<T> = {
    fetchPage: (query, req) =>
      api.get<ListPage<T>>(path, {
        signal: req.signal,
        query: {
          ...o.params,
          ...listParams(query),
          limit: req.limit,
          total: req.total,
          ...(req.cursor ? { cursor: req.cursor } : req.offset > 0 ? { offset: req.offset } : {}),
        },
      }),
    fields: async (signal) => (await api.get<{ fields: FieldDef[] }>(`${path}/fields`, { signal })).fields,
    exportFormats: o.rich ? ['csv', 'xlsx'] : o.csv === false ? [] : ['csv'],
    exportFile: (req) => (o.rich ? exportRich(path, req) : exportPlain(path, req, o.params)),
  };
  if (o.rich) {
    source.aggregate = (query, from, to, fields, signal) =>
      api.get<AggregateAnswer>(`${path}/aggregate`, {
        signal,
        query: { ...listParams(query), from, to, fields: fields.join(',') },
      });
  }
  return source;
}

const part = (req: ExportRequest) =>
  req.rows ? { offset: req.rows.from, count: req.rows.to - req.rows.from } : {};

async function exportRich(path: string, req: ExportRequest): Promise<void> {
  const query = {
    format: req.format,
    columns: req.columns.join(','),
    ...listParams(req.query),
    ...(req.ids ? { ids: req.ids.join(',') } : {}),
    ...part(req),
  };
  const to = `${path}/export`;
  if (apiUrl(to, query).length <= MAX_URL) {
    download(to, query);
    return;
  }
  const body = {
    format: req.format,
    columns: req.columns,
    q: req.query.q,
    filter: writeFilter(req.query.filter) || undefined,
    sort: writeSort(req.query.sort),
    ids: req.ids,
    ...part(req),
  };
  await saveResponse(await send(to, { method: 'POST', body, accept: '*/*' }), `export.${req.format}`);
}

async function exportPlain(path: string, req: ExportRequest, params?: Record<string, string>): Promise<void> {
  const response = await send(path, { accept: 'text/csv', query: { ...params, ...listParams(req.query) } });
  await saveResponse(response, `${path.split('/').pop() ?? 'list'}.csv`);
}
