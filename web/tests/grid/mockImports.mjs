// Imports of the stand-in: one draft that goes through its states.
export function importRoutes(job) {
  const drafts = new Map();
  let seq = 0;
  const header = [
    'Account',
    'Password',
    'First Name',
    'Last Name',
    'Company',
    'Phone',
    'Email',
    'City',
    'Balance',
    'Credit Limit',
  ];
  const fieldOf = [
    'reference',
    null,
    'first_name',
    'last_name',
    'company',
    'telephone',
    'email',
    'city',
    'balance',
    null,
  ];
  const cells = (line) => [
    `70110000${line}`,
    'Pw2724',
    'Øyvind',
    'Løvås',
    line % 2 ? 'Løvås Foods' : '',
    '+4722995494',
    `post${line}@example.org`,
    'Oslo',
    '259.62',
    '25',
  ];
  const columns = header.map((name, index) => ({
    index,
    name,
    sample: [2, 3, 4].map((l) => cells(l)[index]),
    suggested: fieldOf[index]
      ? { field: fieldOf[index], confidence: index === 0 ? 0.7 : 0.98 }
      : index === 1
        ? { field: '', confidence: 1, reason: 'password' }
        : null,
  }));
  const wrong = Array.from({ length: 30 }, (_, i) => ({
    line: 17 + i * 9,
    outcome: 'wrong',
    errors: [
      {
        field: i % 2 ? 'email' : 'telephone',
        column: i % 2 ? 6 : 5,
        code: i % 2 ? 'duplicate_email' : 'bad_phone',
        message: i % 2 ? 'Used by line 4 already.' : 'Not a telephone number in Norway.',
      },
    ],
    cells: cells(17 + i * 9),
  }));
  const make = (name, size) => {
    const d = {
      id: `imp_${++seq}`,
      target: 'customers',
      file_name: name,
      size,
      format: name.endsWith('.xlsx') ? 'xlsx' : 'csv',
      encoding: 'utf-8',
      separator: ',',
      has_header: true,
      sheets: [],
      sheet: '',
      columns,
      preset: 'astpp',
      mapping: columns
        .filter((c) => c.suggested?.field)
        .map((c) => ({ column: c.index, field: c.suggested.field })),
      defaults: {},
      options: { create_groups: false, country: 'NO' },
      mode: 'create',
      match: ['reference', 'email'],
      state: 'draft',
      rows: 5000,
      summary: null,
      version: 1,
      created_at: new Date().toISOString(),
    };
    drafts.set(d.id, d);
    return d;
  };
  const done = make('astpp-customers.csv', 912_000);
  Object.assign(done, {
    state: 'done',
    summary: {
      rows: 5000,
      create: 4871,
      update: 0,
      skip: 0,
      unchanged: 0,
      wrong: 129,
      warnings: 14,
      kept: [{ field: 'balance', rows: 4871 }],
      errors_by_code: { bad_email: 24, bad_phone: 21 },
    },
  });
  return (method, id, sub, more, body, p, req) => {
    if (!id && method === 'POST') {
      const raw = body.raw?.toString('latin1') ?? '';
      return [
        201,
        make(
          /filename="([^"]*)"/.exec(raw)?.[1] ?? 'customers.csv',
          Number(req.headers['content-length'] ?? 0),
        ),
      ];
    }
    if (!id)
      return [200, { items: [...drafts.values()].reverse(), total: drafts.size, total_is_exact: true }];
    if (id === 'fields') {
      const t = (name, label, type, m = {}) => ({
        name,
        label,
        type,
        ops: ['eq'],
        sortable: true,
        filterable: true,
        default_visible: true,
        ...m,
      });
      return [
        200,
        {
          fields: [
            t('file_name', 'File', 'text', { width: 260 }),
            t('state', 'State', 'choice', {
              choices: ['draft', 'done'].map((v) => ({ value: v, label: v })),
            }),
            t('rows', 'Rows', 'number'),
            t('created_at', 'Created', 'date'),
          ],
        },
      ];
    }
    if (id === 'presets')
      return [
        200,
        ['ASTPP', 'MAGOWARE', 'Newfies-Dialer', 'ConnexCS', 'Paragon'].map((name) => ({
          key: name.toLowerCase().replace(/-.*/, ''),
          name,
          target: 'customers',
          columns: {},
        })),
      ];
    if (id === 'sample') return [200, 'name,email\r\n', 'text/csv'];
    const d = drafts.get(id);
    if (!d) return [404, { code: 'not_found', detail: 'There is no such import.' }];
    if (!sub && method === 'PATCH') {
      Object.assign(d, body, { version: d.version + 1 });
      if (body.has_header === false) d.columns = columns.map((c) => ({ ...c, name: '' }));
      if (body.has_header === true) d.columns = columns;
      return [200, d];
    }
    if (!sub) return [200, d];
    if (sub === 'preview')
      return [
        200,
        {
          columns: header,
          rows: Array.from({ length: 8 }, (_, i) => ({ line: i + 2, cells: cells(i + 2) })),
        },
      ];
    if (sub === 'check' || sub === 'run' || sub === 'undo') {
      d.state = sub === 'check' ? 'checking' : sub === 'run' ? 'running' : 'undoing';
      const j = job(`Import of ${d.file_name}`, 'import', { fails: 0 });
      d[sub === 'check' ? 'check_job' : 'job'] = j.id;
      j.onDone = () => {
        d.state = sub === 'check' ? 'checked' : sub === 'run' ? 'done' : 'undone';
        d.summary = {
          rows: 5000,
          create: 4970,
          update: 0,
          skip: 0,
          unchanged: 0,
          wrong: wrong.length,
          warnings: 14,
          kept: [{ field: 'balance', rows: 4970 }],
          errors_by_code: { bad_phone: 15, duplicate_email: 15 },
        };
      };
      return [202, j];
    }
    if (sub === 'cancel') return ((d.state = 'cancelled'), [200, d]);
    if (sub === 'rows' && method === 'PUT') {
      const at = wrong.findIndex((r) => r.line === Number(more));
      if (at >= 0) wrong.splice(at, 1);
      return [200, {}];
    }
    if (sub === 'rows') {
      const o = p.get('outcome');
      return [
        200,
        {
          items:
            o === 'wrong'
              ? wrong
              : o === 'created'
                ? [5, 6, 7].map((l) => ({
                    line: l,
                    outcome: 'created',
                    id: `cus_${l}`,
                    name: `Customer ${l}`,
                    cells: cells(l),
                    errors: [],
                  }))
                : [],
          next_cursor: '',
        },
      ];
    }
    return [404, { code: 'not_found', detail: 'No.' }];
  };
}
