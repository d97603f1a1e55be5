/**
 * The page cache of one list answer: rows by absolute index, fetched in pages, least recently used pages dropped.
 *
 * Owns: which pages are wanted, one request per page, ordering of answers, memory bound. Sequential pages use the
 * keyset cursor of the page before when it is cached; jumps use the offset. Does not own: the network, rendering.
 * Invariant: rows of one query key only; an answer for an older key is thrown away.
 */
import type { GridRow, ListPage } from './types';

export interface PageRequest {
  offset: number;
  limit: number;
  /** Set when the page before is cached; then it is used instead of the offset. */
  cursor?: string;
  /** Whether the total is asked for. */
  total: 'auto' | 'none';
  signal: AbortSignal;
}

export type FetchPage<T> = (req: PageRequest) => Promise<ListPage<T>>;

export interface PageStoreOptions {
  pageSize?: number;
  /** Pages kept; the ones on screen are always kept. */
  maxPages?: number;
  /** Pages asked for at once. */
  parallel?: number;
}

interface Page<T> {
  items: T[];
  next?: string;
  stale: boolean;
}

export interface Total {
  count: number;
  exact: boolean;
  /** False until the first answer has come. */
  known: boolean;
}

export class PageStore<T extends GridRow = GridRow> {
  readonly pageSize: number;
  private readonly maxPages: number;
  private readonly parallel: number;
  private pages = new Map<number, Page<T>>();
  private running = new Map<number, AbortController>();
  private failed = new Map<number, unknown>();
  private wanted: [number, number] = [0, -1];
  private total: Total = { count: 0, exact: false, known: false };
  private listeners = new Set<() => void>();
  private rev = 0;
  private closed = false;
  /** A new total is asked for with the next page (after a refresh). */
  private totalStale = true;

  constructor(
    private readonly fetchPage: FetchPage<T>,
    o: PageStoreOptions = {},
  ) {
    this.pageSize = o.pageSize ?? 100;
    this.maxPages = o.maxPages ?? 60;
    this.parallel = o.parallel ?? 2;
  }

  subscribe = (fn: () => void): (() => void) => {
    this.listeners.add(fn);
    return () => this.listeners.delete(fn);
  };

  /** Grows with every change; for useSyncExternalStore. */
  version = (): number => this.rev;

  getTotal = (): Total => this.total;

  row(index: number): T | undefined {
    const p = Math.floor(index / this.pageSize);
    return this.pages.get(p)?.items[index - p * this.pageSize];
  }

  /** The rows of a range when all of them are in memory, else null. */
  rows(from: number, to: number): T[] | null {
    const out: T[] = [];
    for (let i = from; i < to; i++) {
      const r = this.row(i);
      if (!r) return null;
      out.push(r);
    }
    return out;
  }

  /** The error of the first page when nothing can be shown at all. */
  error(): unknown {
    return this.total.known ? undefined : this.failed.get(0);
  }

  /** The error of a page in view, beside rows that did load. */
  rowError(index: number): unknown {
    return this.failed.get(Math.floor(index / this.pageSize));
  }

  get loading(): boolean {
    return this.running.size > 0;
  }

  cachedPages(): number {
    return this.pages.size;
  }

  /** Says which rows are on screen. Pages out of view that are still under way are stopped. */
  want(first: number, last: number): void {
    const end = this.total.known ? Math.max(0, Math.ceil(this.total.count / this.pageSize) - 1) : 0;
    const a = Math.min(Math.floor(first / this.pageSize), end);
    const b = Math.min(Math.floor(Math.max(first, last - 1) / this.pageSize), end);
    this.wanted = [a, b];
    for (const [p, ctl] of this.running) {
      if (p < a - 1 || p > b + 1) {
        ctl.abort();
        this.running.delete(p);
      }
    }
    this.pump();
  }

  /** Asks again for everything in view; what is shown stays until the answers come. */
  refresh(): void {
    for (const ctl of this.running.values()) ctl.abort();
    this.running.clear();
    this.failed.clear();
    this.totalStale = true;
    for (const [p, page] of this.pages) {
      if (p < this.wanted[0] || p > this.wanted[1]) this.pages.delete(p);
      else page.stale = true;
    }
    if (this.wanted[1] < this.wanted[0]) this.wanted = [0, 0];
    this.changed();
    this.pump();
  }

  /** Tries pages that failed again. */
  retry(): void {
    this.failed.clear();
    this.changed();
    this.pump();
  }

  /** Puts a changed row in place of the one with its id, until the next refresh. */
  patch(row: T): void {
    for (const page of this.pages.values()) {
      const i = page.items.findIndex((r) => r.id === row.id);
      if (i >= 0) {
        page.items = page.items.slice();
        page.items[i] = row;
        this.changed();
        return;
      }
    }
  }

  /** Fetches rows that need not stay in the cache, for copying: at most `max` rows. */
  async collect(from: number, to: number, signal: AbortSignal): Promise<T[]> {
    const cached = this.rows(from, to);
    if (cached) return cached;
    const out: T[] = [];
    let cursor: string | undefined;
    while (from + out.length < to) {
      const limit = Math.min(1000, to - from - out.length);
      const page = await this.fetchPage({ offset: from + out.length, limit, cursor, total: 'none', signal });
      if (page.items.length === 0) break;
      out.push(...page.items);
      cursor = page.next_cursor || undefined;
      if (!cursor && page.items.length < limit) break;
    }
    return out;
  }

  /** Nobody looks at it any more: what is under way is stopped. `open` takes it up again. */
  close(): void {
    this.closed = true;
    for (const ctl of this.running.values()) ctl.abort();
    this.running.clear();
  }

  open(): void {
    if (!this.closed) return;
    this.closed = false;
    this.pump();
  }

  private pump(): void {
    if (this.closed) return;
    const [a, b] = this.wanted;
    for (let p = a; p <= b && this.running.size < this.parallel; p++) {
      const page = this.pages.get(p);
      if (page) {
        this.touch(p, page);
        if (!page.stale) continue;
      }
      if (this.running.has(p) || this.failed.has(p)) continue;
      this.load(p);
    }
  }

  private load(p: number): void {
    const ctl = new AbortController();
    this.running.set(p, ctl);
    const before = this.pages.get(p - 1);
    const wantTotal = this.totalStale;
    const req: PageRequest = {
      offset: p * this.pageSize,
      limit: this.pageSize,
      total: wantTotal ? 'auto' : 'none',
      signal: ctl.signal,
    };
    if (p > 0 && before && !before.stale && before.next) req.cursor = before.next;
    this.changed();
    this.fetchPage(req).then(
      (page) => this.loaded(p, ctl, page, wantTotal),
      (err: unknown) => this.broke(p, ctl, err),
    );
  }

  private loaded(p: number, ctl: AbortController, page: ListPage<T>, wantTotal: boolean): void {
    if (this.closed || this.running.get(p) !== ctl) return;
    this.running.delete(p);
    const items = page.items ?? [];
    this.pages.delete(p);
    this.pages.set(p, { items, next: page.next_cursor || undefined, stale: false });
    this.learnTotal(p, items.length, page, wantTotal);
    this.evict();
    this.changed();
    this.pump();
  }

  private learnTotal(p: number, got: number, page: ListPage<T>, wantTotal: boolean): void {
    const seen = p * this.pageSize + got;
    const more =
      typeof page.total === 'number'
        ? page.total > seen
        : this.total.known && this.total.exact && this.total.count > seen;
    const full = got === this.pageSize && !page.next_cursor && !more;
    const atEnd = full || (got < this.pageSize && (got > 0 || p === 0));
    if (atEnd) {
      this.total = { count: seen, exact: true, known: true };
      this.totalStale = false;
      return;
    }
    if (wantTotal && typeof page.total === 'number') {
      this.totalStale = false;
      this.total = { count: Math.max(page.total, seen), exact: page.total_is_exact !== false, known: true };
      return;
    }
    if (got === 0 && this.total.known && this.total.count > p * this.pageSize) {
      // The list was shorter than thought: nothing at or after this page.
      this.total = { count: p * this.pageSize, exact: false, known: true };
      return;
    }
    if (!this.total.known || this.total.count < seen) {
      this.total = { count: seen + (page.next_cursor ? this.pageSize : 0), exact: false, known: true };
    }
  }

  private broke(p: number, ctl: AbortController, err: unknown): void {
    if (this.closed || this.running.get(p) !== ctl) return;
    this.running.delete(p);
    this.failed.set(p, err);
    this.changed();
    this.pump();
  }

  private touch(p: number, page: Page<T>): void {
    this.pages.delete(p);
    this.pages.set(p, page);
  }

  private evict(): void {
    for (const p of this.pages.keys()) {
      if (this.pages.size <= this.maxPages) return;
      if (p < this.wanted[0] || p > this.wanted[1]) this.pages.delete(p);
    }
  }

  private changed(): void {
    this.rev++;
    for (const fn of this.listeners) fn();
  }
}
