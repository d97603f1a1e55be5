// The console's only door to the server: JSON in and out, problems as ApiError,
// an idempotency key on every POST, versions as If-Match.

import { sentence } from '@/sentences';
import { mustPage } from './must';

export interface FieldError {
  field: string;
  code: string;
  message: string;
}

export interface Blocker {
  type: string;
  id: string;
  name: string;
}

/** A wrong field, said in the reader's language. */
const inWords = (f: FieldError): FieldError => ({ ...f, message: sentence(f.code, f.message) });

/** An answer that was not 2xx, or no answer at all (status 0, code "network"). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly fields: FieldError[];
  readonly blockedBy: Blocker[];
  /** The current representation, with a 412. */
  readonly current: unknown;
  /** Seconds to wait, with 429 and 503. */
  readonly retryAfter: number;

  constructor(status: number, body: Record<string, unknown>, retryAfter = 0) {
    const detail = typeof body.detail === 'string' ? body.detail : '';
    const title = typeof body.title === 'string' ? body.title : '';
    super(detail || title || `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = typeof body.code === 'string' ? body.code : '';
    this.title = title;
    this.detail = detail;
    this.fields = Array.isArray(body.errors) ? (body.errors as FieldError[]).map(inWords) : [];
    this.blockedBy = Array.isArray(body.blocked_by) ? (body.blocked_by as Blocker[]) : [];
    this.current = body.current;
    this.retryAfter = retryAfter;
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  query?: Query;
  /** Sent as JSON, or as it is when it is FormData. */
  body?: unknown;
  /** Version the change was made against; becomes If-Match. */
  version?: number | string;
  /** Kept with the audit entry. */
  comment?: string;
  /** Keep it for later: an instant, or +1h from now. */
  applyAt?: string;
  /** Take the change back then. */
  revertAt?: string;
  /** Reuse one key for retries of the same POST; made up when left out. */
  idempotencyKey?: string;
  accept?: string;
  signal?: AbortSignal;
}

export const API = '/api/v1';

let onUnauthorized: () => void = () => {};

/** Called for each 401 outside of signing in; the app then shows the sign-in page. */
export function setUnauthorizedHandler(handler: () => void): void {
  onUnauthorized = handler;
}

let onMust: () => void = () => {};

/** Called for each refusal because the person has something else to do first; the app then shows where. */
export function setMustHandler(handler: () => void): void {
  onMust = handler;
}

let askComment: (() => Promise<string | null>) | null = null;

/** Asks why, when the operator wants a comment with each change and none was given. null: nobody asks. */
export function setCommentAsker(ask: (() => Promise<string | null>) | null): void {
  askComment = ask;
}

export function apiUrl(path: string, query?: Query): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') params.set(key, String(value));
  }
  const text = params.toString();
  return `${API}${path}${text === '' ? '' : `?${text}`}`;
}

function headersFor(options: RequestOptions, method: string): Headers {
  const headers = new Headers({ Accept: options.accept ?? 'application/json' });
  if (options.body !== undefined && !(options.body instanceof FormData)) {
    headers.set('Content-Type', 'application/json');
  }
  if (method === 'POST') headers.set('Idempotency-Key', options.idempotencyKey ?? newKey());
  if (options.version !== undefined) headers.set('If-Match', `"${options.version}"`);
  if (options.applyAt) headers.set('Tandem-Apply-At', options.applyAt);
  if (options.revertAt) headers.set('Tandem-Revert-At', options.revertAt);
  // Header values are Latin-1; the server decodes percent signs.
  if (options.comment) headers.set('Tandem-Comment', encodeHeader(options.comment));
  return headers;
}

function encodeHeader(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return /^[\x20-\x7e]*$/.test(line) ? line : `UTF-8''${encodeURIComponent(line)}`;
}

/** crypto.randomUUID exists only in secure contexts; plain http on a LAN is not one. */
export function newKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

async function problemOf(response: Response): Promise<ApiError> {
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = await response.json();
    if (typeof parsed === 'object' && parsed !== null) body = parsed as Record<string, unknown>;
  } catch {
    // Not JSON (a proxy's page, say): the status has to be enough.
  }
  return new ApiError(response.status, body, Number(response.headers.get('Retry-After') ?? 0) || 0);
}

/** The raw exchange: resolves for 2xx, throws ApiError otherwise. */
export async function send(path: string, given: RequestOptions = {}): Promise<Response> {
  const method = given.method ?? 'GET';
  // The same key when it is sent again with a comment: it is the same request.
  const options = method === 'POST' && !given.idempotencyKey ? { ...given, idempotencyKey: newKey() } : given;
  let response: Response;
  try {
    response = await fetch(apiUrl(path, options.query), {
      method,
      headers: headersFor(options, method),
      body:
        options.body === undefined
          ? undefined
          : options.body instanceof FormData
            ? options.body
            : JSON.stringify(options.body),
      signal: options.signal,
      credentials: 'same-origin',
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(0, { code: 'network' });
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  if (problem.code === 'comment_required' && askComment && !options.comment?.trim()) {
    const comment = await askComment();
    if (comment) return send(path, { ...options, comment });
  }
  if (problem.status === 401 && !path.startsWith('/session') && !path.startsWith('/setup')) onUnauthorized();
  if (problem.status === 403 && mustPage(problem.code)) onMust();
  throw problem;
}

export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options);
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

type Rest = Omit<RequestOptions, 'method' | 'body'>;

export const api = {
  get: <T>(path: string, options?: Rest) => request<T>(path, { ...options, method: 'GET' }),
  post: <T>(path: string, body?: unknown, options?: Rest) =>
    request<T>(path, { ...options, method: 'POST', body }),
  patch: <T>(path: string, body: unknown, options?: Rest) =>
    request<T>(path, { ...options, method: 'PATCH', body }),
  put: <T>(path: string, body: unknown, options?: Rest) =>
    request<T>(path, { ...options, method: 'PUT', body }),
  delete: <T = void>(path: string, options?: Rest) => request<T>(path, { ...options, method: 'DELETE' }),
};

export function isApiError(error: unknown): error is ApiError {
  return error instanceof ApiError;
}

/** Starts a download of an API address without leaving the page. */
export function download(path: string, query?: Query): void {
  const link = document.createElement('a');
  link.href = apiUrl(path, query);
  link.download = '';
  document.body.append(link);
  link.click();
  link.remove();
}
