import { describe, expect, it } from 'vitest';
import { PageStore, type PageRequest } from './pages';
import type { ListPage } from './types';

type R = { id: string };

function server(total: number) {
  const asked: PageRequest[] = [];
  const fetch = async (r: PageRequest): Promise<ListPage<R>> => {
    asked.push(r);
    await Promise.resolve();
    const from = r.cursor ? Number(r.cursor) : r.offset;
    const items = Array.from({ length: Math.max(0, Math.min(r.limit, total - from)) }, (_, i) => ({
      id: `r${from + i}`,
    }));
    const page: ListPage<R> = {
      items,
      next_cursor: from + items.length < total ? String(from + items.length) : '',
    };
    if (r.total === 'auto') Object.assign(page, { total, total_is_exact: true });
    return page;
  };
  return { asked, fetch };
}

const settled = async (s: PageStore<R>) => {
  for (let i = 0; i < 50 && (s.loading || i < 3); i++) await new Promise((r) => setTimeout(r, 0));
};

describe('page store', () => {
  it('loads what is in view and learns the total once', async () => {
    const srv = server(1000);
    const s = new PageStore<R>(srv.fetch, { pageSize: 100 });
    s.want(0, 30);
    await settled(s);
    expect(s.getTotal()).toEqual({ count: 1000, exact: true, known: true });
    expect(s.row(5)?.id).toBe('r5');
    s.want(80, 120);
    await settled(s);
    expect(srv.asked.map((a) => a.total)).toEqual(['auto', 'none']);
  });

  it('goes on by cursor and jumps by offset', async () => {
    const srv = server(10_000);
    const s = new PageStore<R>(srv.fetch, { pageSize: 100 });
    s.want(0, 30);
    await settled(s);
    s.want(100, 130);
    await settled(s);
    s.want(5000, 5030);
    await settled(s);
    expect(srv.asked.map((a) => a.cursor ?? `o${a.offset}`)).toEqual(['o0', '100', 'o5000']);
    expect(s.row(5000)?.id).toBe('r5000');
  });

  it('stays within its memory and keeps what is on screen', async () => {
    const srv = server(100_000);
    const s = new PageStore<R>(srv.fetch, { pageSize: 100, maxPages: 5 });
    s.want(0, 10);
    await settled(s);
    for (let i = 0; i < 30; i++) {
      s.want(i * 700, i * 700 + 150);
      await settled(s);
      expect(s.cachedPages()).toBeLessThanOrEqual(5);
      expect(s.row(i * 700)?.id).toBe(`r${i * 700}`);
    }
  });

  it('throws away what is out of view before it came', async () => {
    const srv = server(100_000);
    const s = new PageStore<R>(srv.fetch, { pageSize: 100 });
    s.want(0, 10);
    await settled(s);
    s.want(5000, 5010);
    s.want(90_000, 90_010);
    await settled(s);
    expect(srv.asked[1]!.signal.aborted).toBe(true);
    expect(s.row(5000)).toBeUndefined();
    expect(s.row(90_000)?.id).toBe('r90000');
  });

  it('keeps rows while it refreshes, and sees a shorter list', async () => {
    let n = 150;
    const s = new PageStore<R>((r) => server(n).fetch(r), { pageSize: 100 });
    s.want(0, 10);
    await settled(s);
    n = 40;
    s.refresh();
    expect(s.row(3)?.id).toBe('r3');
    await settled(s);
    expect(s.getTotal().count).toBe(40);
  });

  it('reports an error and tries again', async () => {
    let broken = true;
    const srv = server(10);
    const s = new PageStore<R>((r) => (broken ? Promise.reject(new Error('down')) : srv.fetch(r)));
    s.want(0, 10);
    await settled(s);
    expect(s.error()).toBeInstanceOf(Error);
    broken = false;
    s.retry();
    await settled(s);
    expect(s.error()).toBeUndefined();
    expect(s.getTotal().count).toBe(10);
  });

  it('says about when the total is not exact', async () => {
    const s = new PageStore<R>(
      async (r) => ({
        items: Array.from({ length: r.limit }, (_, i) => ({ id: `r${r.offset + i}` })),
        next_cursor: 'x',
        total: 62_000,
        total_is_exact: false,
      }),
      { pageSize: 50 },
    );
    s.want(0, 10);
    await settled(s);
    expect(s.getTotal()).toEqual({ count: 62_000, exact: false, known: true });
  });

  it('collects rows that are not in memory', async () => {
    const srv = server(3000);
    const s = new PageStore<R>(srv.fetch);
    const rows = await s.collect(500, 2700, new AbortController().signal);
    expect(rows.length).toBe(2200);
    expect(rows[0]!.id).toBe('r500');
    expect(rows[2199]!.id).toBe('r2699');
  });
});
