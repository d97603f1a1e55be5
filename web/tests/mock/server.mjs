// A small stand-in for the server, to look at screens and run axe without one.
// Serves dist/ with the same content security policy as the real server.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as data from './data.mjs';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const state = { signedIn: true, needsSetup: false, seq: 5000 };
const db = {
  customers: data.customers,
  groups: data.groups,
  'custom-fields': data.customFields,
  staff: data.staff,
  'api-tokens': data.tokens,
  jobs: data.jobs,
  'audit-entries': data.audit,
  views: [],
  imports: [],
};
const prefixes = {
  customers: 'cus',
  groups: 'grp',
  'custom-fields': 'cfd',
  staff: 'stf',
  'api-tokens': 'tok',
  views: 'vew',
};

class Problem extends Error {
  constructor(status, code, detail, more = {}) {
    super(detail);
    this.status = status;
    this.body = { type: 'about:blank', title: code, status, detail, code, ...more };
  }
}

const valueOf = (row, field) => {
  const v = field.startsWith('custom.') ? row.custom?.[field.slice(7)] : row[field];
  if (Array.isArray(v)) return v.map((x) => x.id ?? x).join(',');
  return v && typeof v === 'object' ? (v.id ?? v.name) : v;
};
function matches(row, filter) {
  if (!filter) return true;
  if (filter.and) return filter.and.every((f) => matches(row, f));
  if (filter.or) return filter.or.some((f) => matches(row, f));
  const v = String(valueOf(row, filter.field) ?? '').toLowerCase();
  const w = Array.isArray(filter.value)
    ? filter.value.map((x) => String(x).toLowerCase())
    : String(filter.value ?? '').toLowerCase();
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
  return (ops[filter.op] ?? (() => true))();
}
function select(rows, params) {
  const q = (params.get('q') ?? '').toLowerCase();
  const filter = params.get('filter') ? JSON.parse(params.get('filter')) : null;
  let out = rows.filter(
    (r) => matches(r, filter) && (q === '' || JSON.stringify(r).toLowerCase().includes(q)),
  );
  for (const key of (params.get('sort') ?? '').split(',').filter(Boolean).reverse()) {
    const desc = key.startsWith('-');
    const name = desc ? key.slice(1) : key;
    out = [...out].sort(
      (a, b) =>
        String(valueOf(a, name) ?? '').localeCompare(String(valueOf(b, name) ?? '')) * (desc ? -1 : 1),
    );
  }
  return out;
}
function list(rows, params) {
  const all = select(rows, params);
  const limit = Number(params.get('limit') ?? 50);
  const from = Number(params.get('offset') ?? params.get('cursor') ?? 0);
  return {
    items: all.slice(from, from + limit),
    next_cursor: from + limit < all.length ? String(from + limit) : '',
    total: all.length,
    total_is_exact: true,
  };
}
function checkCustomer(body, self) {
  const errors = [];
  const bad = (field, code, message) => errors.push({ field, code, message });
  if (!self && !body.name && !body.company && !body.last_name)
    bad('name', 'required', 'Give a name, a company, or a first and last name.');
  if (body.email && !/^[^@\s]+@[^@\s]+$/.test(body.email)) bad('email', 'invalid', 'Not an e-mail address.');
  const twin = body.email && db.customers.find((c) => c.email === body.email && c.id !== self?.id);
  if (twin) bad('email', 'duplicate_email', `Customer ${twin.id} has this e-mail address already.`);
  if (body.telephone && !/^\+?[\d ]{4,}$/.test(body.telephone))
    bad('telephone', 'invalid', 'Not a telephone number in Norway; write it with + and the country code.');
  if (errors.length)
    throw new Problem(422, 'invalid', 'Some fields are wrong.', {
      errors,
      blocked_by: twin ? [{ type: 'customer', id: twin.id, name: twin.name }] : undefined,
    });
}
const job = (label, kind = 'bulk_update') => {
  const made = {
    id: `job_${++state.seq}`,
    kind,
    label,
    state: 'running',
    done: 0,
    total: 40,
    failed: 0,
    created_at: new Date().toISOString(),
    can_undo: false,
  };
  db.jobs.unshift(made);
  const tick = setInterval(() => {
    made.done = Math.min(made.total, made.done + 10);
    if (made.done === made.total) {
      made.state = 'done';
      made.can_undo = true;
      made.finished_at = new Date().toISOString();
      clearInterval(tick);
    }
  }, 150);
  return made;
};

function resolveRefs(row) {
  if (Array.isArray(row.groups))
    row.groups = row.groups.map((g) =>
      typeof g === 'string' ? { id: g, name: db.groups.find((x) => x.id === g)?.name ?? g } : g,
    );
  if (typeof row.reseller === 'string')
    row.reseller = {
      id: row.reseller,
      name: db.customers.find((c) => c.id === row.reseller)?.name ?? row.reseller,
    };
  return row;
}

function crud(thing, id, method, body, req, params) {
  const rows = db[thing];
  if (!id) {
    if (method === 'GET') return [200, list(rows, params)];
    if (thing === 'customers') checkCustomer(body);
    const row = resolveRefs({
      id: `${prefixes[thing]}_${++state.seq}`,
      version: 1,
      ...(thing === 'customers'
        ? {
            ...data.customers[0],
            description: '',
            groups: [],
            custom: {},
            reseller: null,
            customer_id: `CNEW${state.seq}`,
            status: 'active',
            status_reason: '',
          }
        : {}),
      ...(thing === 'groups' ? { members: 0 } : {}),
      ...body,
    });
    if (thing === 'customers')
      row.name = body.name || body.company || `${body.first_name ?? ''} ${body.last_name ?? ''}`.trim();
    if (thing === 'customers') row.id = `cus_${state.seq}`;
    if (thing === 'staff') Object.assign(row, { status: 'active', last_seen_at: null });
    if (thing === 'api-tokens') row.created_at = new Date().toISOString();
    rows.unshift(row);
    return [201, thing === 'api-tokens' ? { ...row, token: `tdm_${randomBytes(20).toString('hex')}` } : row];
  }
  const at = rows.findIndex((r) => r.id === id || r.customer_id === id);
  const row = rows[at];
  if (!row) throw new Problem(404, 'not_found', 'There is nothing here.');
  if (method === 'GET') return [200, row];
  const match = req.headers['if-match'];
  if (match && match !== `"${row.version}"`)
    throw new Problem(412, 'stale', 'Someone else changed this meanwhile.', { current: row });
  if (method === 'DELETE') {
    if (thing === 'customers' && row.kind === 'reseller')
      throw new Problem(409, 'blocked', `${row.name} still owns 2 customers.`, {
        blocked_by: [
          { type: 'customer', id: 'cus_1001', name: 'Fjellnett AS' },
          { type: 'customer', id: 'cus_1007', name: 'Delta Médica' },
        ],
      });
    if (thing === 'groups' && row.members > 0 && !params.has('reassign_to'))
      throw new Problem(409, 'group_in_use', 'The group has members.');
    if (thing === 'custom-fields' && row.key === 'region' && params.get('force') !== 'true')
      throw new Problem(409, 'field_in_use', '120 customers have a value in it.');
    if (thing === 'jobs') row.state = 'cancelled';
    else rows.splice(at, 1);
    return [204];
  }
  if (thing === 'customers') checkCustomer(body, row);
  const custom = body.custom ? { ...row.custom, ...body.custom } : row.custom;
  Object.assign(row, resolveRefs({ ...body }), {
    version: row.version + 1,
    updated_at: new Date().toISOString(),
  });
  if (custom) row.custom = custom;
  return [200, row];
}

function aggregate(params) {
  const rows = select(db.customers, params).slice(Number(params.get('from')), Number(params.get('to')));
  const columns = {};
  for (const name of (params.get('fields') ?? '').split(',')) {
    const nums = rows.map((r) => Number(valueOf(r, name))).filter((n) => !Number.isNaN(n));
    columns[name] = {
      count: rows.length,
      sum: String(nums.reduce((a, b) => a + b, 0)),
      average: String(nums.reduce((a, b) => a + b, 0) / (nums.length || 1)),
      min: String(Math.min(...nums)),
      max: String(Math.max(...nums)),
    };
  }
  return { rows: rows.length, columns };
}

function route(method, path, params, body, req) {
  const [thing, id, sub] = path.split('/').filter(Boolean);
  if (thing === 'setup') {
    if (method === 'GET') return [200, { needed: state.needsSetup }];
    if (body.password.length < 12)
      throw new Problem(422, 'invalid', 'Some fields are wrong.', {
        errors: [{ field: 'password', code: 'too_short', message: 'At least 12 characters.' }],
      });
    state.signedIn = true;
    state.needsSetup = false;
    return [201, {}];
  }
  if (thing === 'session') {
    if (id) return [204];
    if (method === 'POST' && body.password !== 'correct horse battery')
      throw new Problem(401, 'bad_credentials', 'E-mail or password is wrong.');
    if (method === 'POST') state.signedIn = true;
    if (method === 'DELETE') state.signedIn = false;
    if (method === 'DELETE') return [204];
    if (!state.signedIn) throw new Problem(401, 'unauthorized', 'Sign in.');
    return [200, { staff: data.staff[0], permissions: data.permissions, root: '' }];
  }
  if (!state.signedIn) throw new Problem(401, 'unauthorized', 'Sign in.');
  if (thing === 'reference') return [200, data.reference];
  if (thing === 'roles') return [200, { items: data.roles }];
  if (thing === 'settings') {
    if (method === 'PATCH') Object.assign(data.settings, body, { version: data.settings.version + 1 });
    return [200, data.settings];
  }
  if (thing === 'preferences') return method === 'GET' ? [404, {}] : [204];
  if (thing === 'search') {
    const q = (params.get('q') ?? '').toLowerCase();
    const hits = db.customers
      .filter((c) => `${c.name} ${c.customer_id} ${c.email}`.toLowerCase().includes(q))
      .slice(0, 8);
    return [
      200,
      {
        items: hits.map((c) => ({
          type: c.kind,
          id: c.id,
          title: c.name,
          subtitle: `${c.customer_id} · ${c.email}`,
          url: `/customers/${c.id}`,
        })),
      },
    ];
  }
  if (id === 'fields') return [200, { fields: thing === 'customers' ? data.fields() : [] }];
  if (thing === 'customers' && id === 'aggregate') return [200, aggregate(params)];
  if (thing === 'customers' && id?.startsWith('bulk-'))
    return body.dry_run
      ? [
          200,
          {
            matching: 3,
            will_change: 2,
            unchanged: 1,
            excluded: [],
            sample: [],
            free: 900,
            count: body.count,
          },
        ]
      : [202, job('Bulk work', id.replace('-', '_'))];
  if (thing === 'jobs' && sub === 'rows') {
    const from = Number(params.get('cursor') || 0);
    const all = data.jobRows.filter((r) => !params.get('outcome') || r.outcome === params.get('outcome'));
    return [
      200,
      { items: all.slice(from, from + 25), next_cursor: from + 25 < all.length ? String(from + 25) : '' },
    ];
  }
  if (thing === 'jobs' && sub === 'undo') return [202, job('Undo')];
  if (thing === 'groups' && sub === 'members') return [202, job('Members')];
  if (thing === 'staff' && sub === 'password-link')
    return [200, { url: 'http://127.0.0.1:8000/set-password?token=abc' }];
  if (thing in db) return crud(thing, id, method, body, req, params);
  throw new Problem(404, 'not_found', 'There is nothing here.');
}

async function serveFile(path, response) {
  const nonce = randomBytes(16).toString('base64');
  const file = normalize(join(dist, path));
  let name = file;
  let content;
  try {
    if (!extname(path)) throw new Error('a page');
    content = await readFile(file);
  } catch {
    name = join(dist, 'index.html');
    content = (await readFile(name, 'utf8')).replaceAll('__CSP_NONCE__', nonce);
  }
  response.writeHead(200, {
    'Content-Type': types[extname(name)] ?? 'application/octet-stream',
    'Content-Security-Policy': `default-src 'self'; style-src 'self' 'nonce-${nonce}'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
  });
  response.end(content);
}

async function readBody(req) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  const raw = Buffer.concat(chunks).toString();
  try {
    return raw === '' ? {} : JSON.parse(raw);
  } catch {
    return {};
  }
}

async function handle(req, response) {
  const url = new URL(req.url, 'http://mock');
  if (url.pathname === '/__state') {
    Object.assign(state, await readBody(req));
    return response.end();
  }
  if (!url.pathname.startsWith('/api/v1')) return serveFile(url.pathname, response);
  if (url.pathname === '/api/v1/events') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    return response.write(': hello\n\n');
  }
  try {
    const [status, body] = route(
      req.method,
      url.pathname.slice(7),
      url.searchParams,
      await readBody(req),
      req,
    );
    response.writeHead(status, {
      'Content-Type': 'application/json',
      ...(body?.version ? { ETag: `"${body.version}"` } : {}),
    });
    response.end(status === 204 ? undefined : JSON.stringify(body));
  } catch (error) {
    const status = error instanceof Problem ? error.status : 500;
    response.writeHead(status, { 'Content-Type': 'application/problem+json' });
    response.end(
      JSON.stringify(
        error instanceof Problem ? error.body : { status, code: 'internal', detail: String(error) },
      ),
    );
  }
}

/** Starts the mock on a free port (or the given one) and says where. */
export function start(port = 0) {
  return new Promise((resolve) => {
    const server = createServer((req, res) => void handle(req, res));
    server.listen(port, '127.0.0.1', () =>
      resolve({
        url: `http://127.0.0.1:${server.address().port}`,
        close: () => (server.closeAllConnections(), server.close()),
        state,
      }),
    );
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url } = await start(Number(process.env.PORT ?? 8099));
  console.log(`mock at ${url}`);
}
