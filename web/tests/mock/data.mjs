// Invented records for looking at screens. Never part of the build.

const companies = [
  'Nordlys Telecom',
  'Fjellnett AS',
  'Café Olé S.L.',
  'Hafen & Söhne GmbH',
  'Baltic Voice OÜ',
  'Brightline Ltd',
  'Cordoba Fibra',
  'Delta Médica',
  'Eastgate Motors',
  'Farrow & Pine',
  'Grønn Energi',
  'Hotel Miramar',
  'Inverloch Council',
  'Juniper Dental',
  'Kestrel Logistics',
  'Lumen Bakery',
  'Maritim Drift',
  'Northwind School',
  'Osterman Legal',
  'Puerto Azul Marina',
];
const people = [
  ['Ingrid', 'Solberg'],
  ['Marta', 'Núñez'],
  ['Tom', 'Ashdown'],
  ['Liis', 'Tamm'],
  ['José', 'Peña'],
  ['Anne-Kari', 'Vik'],
];
const cities = [
  ['Oslo', 'NO', '0150', 'Europe/Oslo', 'NOK', 'nb'],
  ['Madrid', 'ES', '28013', 'Europe/Madrid', 'EUR', 'es'],
  ['Hamburg', 'DE', '20095', 'Europe/Berlin', 'EUR', 'de'],
  ['Tallinn', 'EE', '10111', 'Europe/Tallinn', 'EUR', 'et'],
  ['Leeds', 'GB', 'LS1 4AP', 'Europe/London', 'GBP', 'en'],
];
const statuses = ['active', 'active', 'active', 'active', 'inactive', 'penalty', 'pending', 'closed'];

export const groups = [
  {
    id: 'grp_1',
    name: 'Gold',
    type: 'client',

    description: 'Answered within the hour',
    members: 42,
    version: 1,
  },
  {
    id: 'grp_2',
    name: 'North',
    type: 'territory',

    description: 'Everything above the 60th parallel',
    members: 31,
    version: 3,
  },
  {
    id: 'grp_3',
    name: 'Autumn offer',
    type: 'promotional',

    description: '',
    members: 0,
    version: 1,
  },
  {
    id: 'grp_4',
    name: 'Schools',
    type: 'Public sector',

    description: 'Own terms of payment',
    members: 7,
    version: 1,
  },
];

const iso = (minutesAgo) => new Date(Date.UTC(2026, 10, 22, 9, 0) - minutesAgo * 60_000).toISOString();

function customer(i) {
  const person = i % 4 === 3;
  const [first, last] = people[i % people.length];
  const company = person
    ? ''
    : companies[i % companies.length] +
      (i >= companies.length ? ` ${Math.floor(i / companies.length) + 1}` : '');
  const [city, country, postal_code, timezone, currency, language] = cities[i % cities.length];
  const kind = i % 11 === 5 ? 'provider' : i % 13 === 6 ? 'reseller' : 'customer';
  const name = person ? `${first} ${last}` : company;
  return {
    id: `cus_${1000 + i}`,
    customer_id: `C${(7919 * (i + 3)).toString(32).toUpperCase().padStart(6, '2')}K`,
    kind,
    party: person ? 'person' : 'organization',
    reference: i % 3 ? `R-${2000 + i}` : '',
    name,
    first_name: person ? first : '',
    last_name: person ? last : '',
    company,
    description: i % 5 ? '' : 'Moved over from the old switch in spring. Prefers to be called before noon.',
    status: statuses[i % statuses.length],
    status_reason: i % 8 === 5 ? 'Unpaid invoice' : '',
    billing_type: i % 2 ? 'prepaid' : 'postpaid',
    currency,

    groups: groups.filter((_, g) => (i + g) % 4 === 0).map(({ id, name: n }) => ({ id, name: n })),
    reseller: i % 6 === 1 ? { id: 'cus_1006', name: companies[6] } : null,
    email: `post${i}@example.net`,
    telephone: `+4722${String(100000 + i * 37).slice(0, 6)}`,
    address_1: `${i + 1} Harbour Road`,
    address_2: '',
    city,
    province: '',
    postal_code,
    country,
    timezone,
    language,
    tax_number: i % 3 ? '' : 'NO 987 654 321',
    external_id: '',
    custom: {
      region: i % 2 ? 'west' : undefined,
      seats: i % 3 ? undefined : String(12 + i),
      since: i % 2 ? '2024-03-01' : undefined,
    },
    created_at: iso(90_000 - i),
    updated_at: iso(200 + i),
    version: 3,
  };
}
export const customers = Array.from({ length: 240 }, (_, i) => customer(i));

const text = [
  'eq',
  'ne',
  'in',
  'nin',
  'contains',
  'ncontains',
  'starts',
  'nstarts',
  'ends',
  'empty',
  'nempty',
];
const cmp = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'between', 'empty', 'nempty'];
const choice = ['eq', 'ne', 'in', 'nin', 'empty', 'nempty'];
const f = (name, label, type, more = {}) => ({
  name,
  label,
  type,
  ops: type === 'text' || type === 'id' ? text : ['choice', 'ref', 'multiref'].includes(type) ? choice : cmp,
  sortable: true,
  filterable: true,
  editable: true,
  importable: true,
  default_visible: true,
  custom: false,
  bulk_ops: ['set', 'clear'],
  group: 'main',
  ...more,
});
const ch = (...v) => v.map((value) => ({ value, label: value[0].toUpperCase() + value.slice(1) }));
export const customFields = [
  {
    id: 'cfd_1',
    key: 'region',
    label: 'Sales region',
    type: 'choice',
    choices: [
      { value: 'west', label: 'West' },
      { value: 'east', label: 'East' },
    ],
    required: false,
    help: 'Who visits them',
    position: 1,
    version: 1,
  },
  {
    id: 'cfd_2',
    key: 'seats',
    label: 'Seats',
    type: 'number',
    choices: [],
    required: false,
    help: '',
    position: 2,
    version: 1,
  },
  {
    id: 'cfd_3',
    key: 'since',
    label: 'Customer since',
    type: 'date',
    choices: [],
    required: false,
    help: '',
    position: 3,
    version: 2,
  },
];
export const fields = () => [
  f('customer_id', 'Customer ID', 'id', { editable: false, width: 120 }),
  f('name', 'Name', 'text', { width: 240 }),
  f('kind', 'Kind', 'choice', { choices: ch('customer', 'provider', 'reseller') }),
  f('party', 'Party', 'choice', { choices: ch('person', 'organization'), default_visible: false }),
  f('billing_type', 'Billing', 'choice', { choices: ch('prepaid', 'postpaid') }),
  f('status', 'Status', 'choice', { choices: ch('active', 'inactive', 'penalty', 'pending', 'closed') }),
  f('balance', 'Balance', 'money', { editable: false, align: 'right' }),
  f('currency', 'Currency', 'choice', {
    choices: [
      { value: 'EUR', label: 'EUR' },
      { value: 'NOK', label: 'NOK' },
      { value: 'GBP', label: 'GBP' },
    ],
  }),
  f('groups', 'Groups', 'multiref'),
  f('reseller', 'Reseller', 'ref'),
  f('reference', 'Reference', 'text'),
  f('email', 'E-mail', 'text', { width: 220 }),
  f('telephone', 'Telephone', 'text'),
  f('company', 'Company', 'text', { default_visible: false }),
  f('first_name', 'First name', 'text', { default_visible: false }),
  f('last_name', 'Last name', 'text', { default_visible: false }),
  f('city', 'City', 'text'),
  f('country', 'Country', 'choice', {
    choices: [
      { value: 'NO', label: 'Norway' },
      { value: 'ES', label: 'Spain' },
    ],
  }),
  f('timezone', 'Time zone', 'text', { default_visible: false }),
  f('language', 'Language', 'text', { default_visible: false }),
  f('description', 'Description', 'text', { default_visible: false }),
  f('tax_number', 'Tax number', 'text', { default_visible: false }),
  f('created_at', 'Created', 'date', { editable: false }),
  f('updated_at', 'Updated', 'date', { editable: false, default_visible: false }),
  ...customFields.map((c) =>
    f(`custom.${c.key}`, c.label, c.type === 'date' ? 'day' : c.type, {
      custom: true,
      required: c.required,
      help: c.help,
      choices: c.choices,
      group: 'custom',
    }),
  ),
];

export const jobs = [
  {
    id: 'job_1',
    kind: 'bulk_update',
    label: 'Bulk update of 12,345 customers',
    state: 'running',
    done: 4200,
    total: 12345,
    failed: 0,
    created_at: iso(3),
    started_at: iso(3),
    finished_at: null,
    created_by: { id: 'stf_1', name: 'Kari Nordmann' },
    can_undo: false,
    result_file: false,
  },
  {
    id: 'job_2',
    kind: 'import',
    label: 'Import of customers-2026.csv',
    state: 'done',
    done: 1204,
    total: 1204,
    failed: 17,
    result: { created: 1100, updated: 87 },
    created_at: iso(130),
    started_at: iso(130),
    finished_at: iso(128),
    created_by: { id: 'stf_1', name: 'Kari Nordmann' },
    can_undo: true,
    result_file: false,
  },
  {
    id: 'job_3',
    kind: 'bulk_create',
    label: 'Mass create of 50 customers',
    state: 'done',
    done: 50,
    total: 50,
    failed: 0,
    result: { created: 50 },
    created_at: iso(1500),
    started_at: iso(1500),
    finished_at: iso(1499),
    created_by: { id: 'stf_2', name: 'Ola Hansen' },
    can_undo: false,
    result_file: true,
  },
  {
    id: 'job_4',
    kind: 'bulk_delete',
    label: 'Delete of 3 customers',
    state: 'failed',
    done: 1,
    total: 3,
    failed: 2,
    error: 'The database was not reachable.',
    created_at: iso(3000),
    started_at: iso(3000),
    finished_at: iso(2999),
    created_by: { id: 'stf_2', name: 'Ola Hansen' },
  },
];
export const jobRows = Array.from({ length: 60 }, (_, i) =>
  i % 4 === 1
    ? {
        line: i + 2,
        name: `Line ${i + 2}`,
        outcome: 'wrong',
        field: 'email',
        code: 'taken',
        message: 'Belongs to Fjellnett AS already.',
        cells: [],
      }
    : { line: i + 2, id: `cus_${1000 + i}`, name: customers[i].name, outcome: i % 3 ? 'created' : 'updated' },
);

const actor = (id, name) => ({ kind: 'staff', id, name });
export const audit = Array.from({ length: 70 }, (_, i) => {
  const c = customers[i % 9];
  const kinds = [
    {
      verb: 'PATCH',
      action: 'update',
      table: 'customers',
      message: 'Changed customer',
      changes: [
        { field: 'status', old: 'active', new: 'penalty' },
        { field: 'status_reason', old: '', new: 'Unpaid invoice' },
      ],
      comment: 'Second reminder sent on Friday',
    },
    {
      verb: 'PATCH',
      action: 'update',
      table: 'customers',
      message: 'Changed customer',
      changes: [
        { field: 'telephone', old: '+4722100037', new: '+4722998877' },
        { field: 'groups', old: ['Gold'], new: ['Gold', 'North'] },
      ],
    },
    {
      verb: 'POST',
      action: 'create',
      table: 'customers',
      message: 'Created customer',
      changes: [
        { field: 'name', old: null, new: c.name },
        { field: 'email', old: null, new: c.email },
      ],
    },
    {
      verb: 'DELETE',
      action: 'delete',
      table: 'groups',
      message: 'Removed group',
      changes: [{ field: 'name', old: 'Spring offer', new: null }],
    },
  ];
  const k = kinds[i % 4];
  return {
    id: `aud_${900 - i}`,
    at: iso(i * 53),
    actor: i % 5 === 4 ? { kind: 'system', id: '', name: 'Import' } : actor('stf_1', 'Kari Nordmann'),
    on_behalf_of: null,
    ip: '192.0.2.14',
    ...k,
    row_id: k.table === 'groups' ? 'grp_9' : c.id,
    row_name: k.table === 'groups' ? 'Spring offer' : c.name,
    request_id: `req_${i}`,
  };
});

export const staff = [
  {
    id: 'stf_1',
    name: 'Kari Nordmann',
    email: 'kari@example.net',
    role: 'admin',
    status: 'active',
    last_seen_at: iso(2),
    version: 1,
  },
  {
    id: 'stf_2',
    name: 'Ola Hansen',
    email: 'ola@example.net',
    role: 'manager',
    status: 'active',
    last_seen_at: iso(900),
    version: 2,
  },
  {
    id: 'stf_3',
    name: 'Siri Berg',
    email: 'siri@example.net',
    role: 'support',
    status: 'disabled',
    last_seen_at: null,
    version: 1,
  },
];
export const permissions = [
  'customer.read',
  'customer.create',
  'customer.update',
  'customer.delete',
  'customer.import',
  'customer.export',
  'customer.bulk',
  'group.read',
  'group.write',
  'custom_field.read',
  'custom_field.write',
  'view.write',
  'view.share',
  'audit.read',
  'audit.export',
  'job.read',
  'job.manage',
  'setting.read',
  'setting.write',
  'staff.read',
  'staff.write',
  'token.read',
  'token.write',
];
export const roles = [
  { id: 'admin', name: 'Administrator', permissions },
  {
    id: 'manager',
    name: 'Manager',
    permissions: permissions.filter((p) => !/^(staff|token|setting)/.test(p)),
  },
  {
    id: 'support',
    name: 'Support',
    permissions: ['customer.read', 'customer.update', 'group.read', 'job.read'],
  },
  { id: 'read_only', name: 'Read only', permissions: permissions.filter((p) => p.endsWith('.read')) },
];
export const tokens = [
  {
    id: 'tok_1',
    name: 'Nightly sync',
    role: 'manager',
    scopes: ['customer.read', 'customer.update'],
    expires_at: iso(-90_000),
    last_used_at: iso(600),
    created_at: iso(50_000),
  },
  {
    id: 'tok_2',
    name: 'Reporting',
    role: 'read_only',
    scopes: [],
    expires_at: null,
    last_used_at: null,
    created_at: iso(9_000),
  },
];
export const settings = {
  organization_name: 'Nordlys Telecom',
  default_country: 'NO',
  default_currency: 'NOK',
  default_language: 'nb',
  default_timezone: 'Europe/Oslo',
  retention_days: 365,
  group_types: ['client', 'staff', 'promotional', 'territory', 'Public sector'],
  version: 4,
};
export const reference = {
  countries: [
    ['NO', 'Norway', '47'],
    ['ES', 'Spain', '34'],
    ['DE', 'Germany', '49'],
    ['EE', 'Estonia', '372'],
    ['GB', 'United Kingdom', '44'],
    ['SE', 'Sweden', '46'],
  ].map(([code, name, calling_code]) => ({ code, name, calling_code })),
  currencies: [
    ['NOK', 'Norwegian krone', 2],
    ['EUR', 'Euro', 2],
    ['GBP', 'Pound sterling', 2],
    ['JPY', 'Yen', 0],
  ].map(([code, name, digits]) => ({ code, name, digits })),
  languages: [
    ['nb', 'Norwegian'],
    ['es', 'Spanish'],
    ['en', 'English'],
    ['de', 'German'],
    ['et', 'Estonian'],
  ].map(([code, name]) => ({ code, name })),
  timezones: ['Europe/Oslo', 'Europe/Madrid', 'Europe/Berlin', 'Europe/Tallinn', 'Europe/London', 'UTC'],
};
