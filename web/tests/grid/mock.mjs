// A stand-in with a big list, for trying the grid and the import wizard without a server. Never part of the build.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { URLSearchParams } from 'node:url';
import { extname, join, normalize } from 'node:path';
import * as data from '../mock/data.mjs';
import { importRoutes } from './mockImports.mjs';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const first = ['Ingrid', 'Marta', 'Tom', 'Liis', 'José', 'Anne-Kari', 'Øyvind', 'Farid', 'Zoë', 'Łukasz'];
const last = ['Solberg', 'Núñez', 'Ashdown', 'Tamm', 'Peña', 'Vik', 'Løvås', 'Tanaka', 'Smith', 'Nowak'];

/** Row i is always the same, so that nothing has to be kept. */
function customer(i) {
  const base = data.customers[i % data.customers.length];
  const person = i % 4 === 3;
  const name = person
    ? `${first[i % 10]} ${last[(i * 7) % 10]}`
    : `${base.company || 'Kestrel Logistics'} ${i}`;
  return {
    ...base,
    id: `cus_${i}`,
    customer_id: `C${String(100000 + i)}K`,
    name,
    email: `post${i}@example.net`,
    balance: (((i * 37) % 1000) - 200).toFixed(2) + '0000',
    created_at: new Date(Date.UTC(2026, 10, 22) - i * 3_600_000).toISOString(),
  };
}

const valueOf = (row, f) => {
  const v = f.startsWith('custom.') ? row.custom?.[f.slice(7)] : row[f];
  if (Array.isArray(v)) return v.map((x) => x.id ?? x).join(',');
  return v && typeof v === 'object' ? v.id : v;
};
function matches(row, node) {
  if (!node) return true;
  if (node.and) return node.and.every((n) => matches(row, n));
  if (node.or) return node.or.some((n) => matches(row, n));
  const raw = valueOf(row, node.field);
  const num = ['balance'].includes(node.field);
  const v = num ? Number(raw) : String(raw ?? '').toLowerCase();
  const low = (x) => (num ? Number(x) : String(x).toLowerCase());
  const w = Array.isArray(node.value) ? node.value.map(low) : low(node.value ?? '');
  const ops = {
    eq: () => v === w,
    ne: () => v !== w,
    in: () => w.includes(v),
    nin: () => !w.includes(v),
    contains: () => v.includes(w),
    ncontains: () => !v.includes(w),
    starts: () => v.startsWith(w),
    nstarts: () => !v.startsWith(w),
    ends: () => v.endsWith(w),
    empty: () => v === '',
    nempty: () => v !== '',
    lt: () => v < w,
    lte: () => v <= w,
    gt: () => v > w,
    gte: () => v >= w,
    between: () => v >= w[0] && v <= w[1],
  };
  return (ops[node.op] ?? (() => true))();
}

export function makeServer({ dist, rows = 100_000, delay = 15 }) {
  const state = {
    rows,
    fail: false,
    log: [],
    preferences: {},
    views: [],
    exact: true,
    permissions: data.permissions,
    jobs: new Map(),
  };
  const everything = () =>
    state.cache?.length === state.rows
      ? state.cache
      : (state.cache = Array.from({ length: state.rows }, (_, i) => customer(i)));
  const selections = new Map();
  function select(p) {
    const key = `${state.rows}|${p.get('q') ?? ''}|${p.get('filter') ?? ''}|${p.get('sort') ?? ''}`;
    if (selections.has(key)) return selections.get(key);
    const q = (p.get('q') ?? '').toLowerCase();
    const filter = p.get('filter') ? JSON.parse(p.get('filter')) : null;
    let out = everything().filter(
      (r) =>
        (!filter || matches(r, filter)) &&
        (!q || `${r.name} ${r.customer_id} ${r.email} ${r.reference}`.toLowerCase().includes(q)),
    );
    for (const k of (p.get('sort') ?? '').split(',').filter(Boolean).reverse()) {
      const f = k.replace(/^-/, '');
      const d = k.startsWith('-') ? -1 : 1;
      const num = f === 'balance';
      out = [...out].sort(
        (a, b) =>
          (num
            ? Number(a[f]) - Number(b[f])
            : String(valueOf(a, f) ?? '') < String(valueOf(b, f) ?? '')
              ? -1
              : 1) * d,
      );
    }
    if (selections.size > 6) selections.clear();
    selections.set(key, out);
    return out;
  }
  let seq = 100;
  const job = (label, kind, more = {}) => {
    const made = {
      id: `job_${++seq}`,
      kind,
      label,
      state: 'running',
      done: 0,
      total: 400,
      failed: 0,
      created_at: new Date().toISOString(),
      can_undo: false,
      result_file: false,
      ...more,
    };
    state.jobs.set(made.id, made);
    const tick = setInterval(() => {
      if (made.state !== 'running') return clearInterval(tick);
      made.done = Math.min(made.total, made.done + 80);
      if (made.done === made.total) {
        made.state = 'done';
        made.can_undo = kind === 'bulk_update' || kind === 'import';
        made.failed = more.fails ?? 0;
        made.onDone?.();
        clearInterval(tick);
      }
    }, 120);
    return made;
  };
  const imports = importRoutes(job);
  const routes = (method, path, p, body, req) => {
    const [thing, id, sub, more] = path.split('/').filter(Boolean);
    if (thing === 'session') return [200, { staff: data.staff[0], permissions: state.permissions, root: '' }];
    if (thing === 'setup') return [200, { needed: false }];
    if (thing === 'reference') return [200, data.reference];
    if (thing === 'preferences') {
      if (method === 'PUT') state.preferences[id] = body;
      return state.preferences[id] ? [200, state.preferences[id]] : [404, {}];
    }
    if (thing === 'views') {
      if (method === 'POST') {
        const v = { id: `vew_${++seq}`, version: 1, mine: true, ...body };
        state.views.push(v);
        return [201, v];
      }
      const v = state.views.find((x) => x.id === id);
      if (method === 'PATCH') return [200, Object.assign(v, body, { version: v.version + 1 })];
      if (method === 'DELETE') return ((state.views = state.views.filter((x) => x.id !== id)), [204]);
      return [200, { items: state.views }];
    }
    if (thing === 'imports') return imports(method, id, sub, more, body, p, req);
    if (thing === 'jobs') {
      const j = state.jobs.get(id);
      if (!id) return [200, { items: [...state.jobs.values()] }];
      if (method === 'DELETE') return ((j.state = 'cancelled'), [202, j]);
      if (sub === 'undo') return [202, job(`Undo of: ${j.label}`, 'undo')];
      if (sub === 'rows')
        return [
          200,
          {
            items: Array.from({ length: j.failed }, (_, i) => ({
              id: `cus_${i}`,
              name: customer(i).name,
              outcome: 'failed',
              code: 'closed',
              field: 'status',
              message: 'A closed customer cannot become active.',
            })),
          },
        ];
      if (sub === 'result') return [200, 'customer_id,token\r\nC1,abc\r\n', 'text/csv'];
      return [200, j];
    }
    if (thing === 'groups')
      return id && id !== 'fields'
        ? [200, data.groups.find((g) => g.id === id)]
        : [200, { items: data.groups, fields: [] }];
    if (thing === 'customers') {
      if (id === 'fields') return [200, { fields: data.fields() }];
      if (state.fail) return [503, { code: 'unavailable', detail: 'The database cannot be reached now.' }];
      if (id === 'aggregate') {
        const list = select(p).slice(Number(p.get('from')), Number(p.get('to')));
        const columns = {};
        for (const f of p.get('fields').split(',')) {
          const v = list.map((r) => valueOf(r, f)).filter((x) => x !== null && x !== undefined && x !== '');
          const n = v.map(Number).filter(Number.isFinite);
          const sum = n.reduce((a, b) => a + b, 0);
          columns[f] =
            n.length && f === 'balance'
              ? {
                  count: v.length,
                  sum: sum.toFixed(6),
                  average: (sum / n.length).toFixed(6),
                  min: Math.min(...n).toFixed(6),
                  max: Math.max(...n).toFixed(6),
                }
              : { count: v.length };
        }
        return [200, { rows: list.length, columns }];
      }
      if (id === 'export')
        return [
          200,
          `exported ${JSON.stringify(method === 'GET' ? Object.fromEntries(p) : body).slice(0, 500)}`,
          'text/csv',
        ];
      if (id === 'bulk-create') {
        if (body.prefix === '99')
          return [
            422,
            {
              code: 'only_n_left',
              detail: 'Only 12 numbers are left with prefix 99 and length 8.',
              errors: [{ field: 'count', code: 'only_n_left', message: 'Only 12 are left.' }],
            },
          ];
        return body.dry_run
          ? [200, { free: 999_950, count: body.count }]
          : [202, job(`Mass create of ${body.count} customers`, 'bulk_create', { result_file: true })];
      }
      if (id === 'bulk-update' || id === 'bulk-delete') {
        const n = body.ids
          ? body.ids.length
          : select(new URLSearchParams({ q: body.q ?? '', filter: JSON.stringify(body.filter ?? null) }))
              .length;
        if (!body.dry_run) return [202, job(`Update of ${n} customers`, id.replace('-', '_'), { fails: 2 })];
        return [
          200,
          {
            matching: n,
            will_change: Math.max(1, n - 2),
            unchanged: 1,
            excluded: [
              {
                code: 'closed',
                message: 'are closed and cannot become active',
                count: 1,
                examples: [{ id: 'cus_7', name: 'Delta Médica 7' }],
              },
            ],
            sample: (body.changes ?? []).flatMap((c) =>
              [3, 5].map((i) => ({
                id: `cus_${i}`,
                name: customer(i).name,
                changes: [{ field: c.field, old: valueOf(customer(i), c.field), new: c.value }],
              })),
            ),
          },
        ];
      }
      if (!id) {
        const list = select(p);
        const limit = Number(p.get('limit') ?? 50);
        const from = Number(p.get('cursor') || p.get('offset') || 0);
        const out = {
          items: list.slice(from, from + limit),
          next_cursor: from + limit < list.length ? String(from + limit) : '',
        };
        if (p.get('total') !== 'none')
          Object.assign(out, {
            total: state.exact ? list.length : Math.round(list.length / 1000) * 1000,
            total_is_exact: state.exact,
          });
        return [200, out];
      }
      return [200, customer(Number(id.slice(4)))];
    }
    return [404, { code: 'not_found', detail: 'There is nothing here.' }];
  };

  async function file(path, res) {
    const nonce = randomBytes(16).toString('base64');
    let name = normalize(join(dist, path));
    let content;
    try {
      if (!extname(path)) throw new Error('a page');
      content = await readFile(name);
    } catch {
      name = join(dist, 'index.html');
      content = (await readFile(name, 'utf8')).replaceAll('__CSP_NONCE__', nonce);
    }
    res.writeHead(200, {
      'Content-Type': types[extname(name)] ?? 'application/octet-stream',
      'Content-Security-Policy': `default-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
    });
    res.end(content);
  }

  const server = createServer(async (req, res) => {
    const url = new URL(req.url, 'http://mock');
    if (!url.pathname.startsWith('/api/v1')) return file(url.pathname, res);
    if (url.pathname === '/api/v1/events') {
      res.writeHead(200, { 'Content-Type': 'text/event-stream' });
      return res.write(': hello\n\n');
    }
    const chunks = [];
    for await (const c of req) chunks.push(c);
    const raw = Buffer.concat(chunks);
    let body;
    try {
      body = JSON.parse(raw.toString() || '{}');
    } catch {
      body = { raw };
    }
    state.log.push(`${req.method} ${req.url}`);
    await new Promise((r) => setTimeout(r, delay));
    let answer;
    try {
      answer = routes(req.method, url.pathname.slice(7), url.searchParams, body, req);
    } catch (e) {
      answer = [500, { code: 'internal', detail: String(e?.stack ?? e) }];
    }
    const [status, out, type] = answer;
    res.writeHead(status, {
      'Content-Type': type ?? (status < 400 ? 'application/json' : 'application/problem+json'),
      ...(type ? { 'Content-Disposition': 'attachment; filename="export.csv"' } : {}),
    });
    res.end(status === 204 ? undefined : type ? out : JSON.stringify(out));
  });
  return { server, state };
}

export async function start(o) {
  const { server, state } = makeServer(o);
  await new Promise((r) => server.listen(o.port ?? 0, '127.0.0.1', r));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    state,
    close: () => (server.closeAllConnections(), server.close()),
  };
}
