// Shapes of the REST API as the console reads them. Kept free of logic so that
// each can become an alias of the generated schema (`npm run generate`) without
// touching a screen.

export type Kind = 'customer' | 'provider' | 'reseller';
export type BillingType = 'prepaid' | 'postpaid';
export type CustomerStatus = 'active' | 'inactive' | 'penalty' | 'pending' | 'closed';
export type CustomValue = string | number | null;

export interface Ref {
  id: string;
  name: string;
}

export interface Customer {
  id: string;
  customer_id: string;
  kind: Kind;
  party: 'person' | 'organization';
  reference: string | null;
  name: string;
  first_name: string;
  last_name: string;
  company: string;
  description: string;
  status: CustomerStatus;
  status_reason: string;
  billing_type: BillingType;
  currency: string;
  balance: string;
  groups: Ref[];
  reseller: Ref | null;
  email: string | null;
  telephone: string;
  address_1: string;
  address_2: string;
  city: string;
  province: string;
  postal_code: string;
  country: string;
  timezone: string;
  language: string;
  tax_number: string;
  external_id: string;
  custom: Record<string, CustomValue>;
  created_at: string;
  updated_at: string;
  version: number;
}

export interface List<T> {
  items: T[];
  next_cursor?: string;
  total?: number;
  total_is_exact?: boolean;
}

export type FieldType =
  'text' | 'number' | 'money' | 'date' | 'day' | 'choice' | 'ref' | 'multiref' | 'bool' | 'id';

export interface Choice {
  value: string;
  label: string;
}

export interface Field {
  name: string;
  label: string;
  type: FieldType;
  ops: string[];
  sortable: boolean;
  filterable: boolean;
  editable: boolean;
  importable: boolean;
  default_visible: boolean;
  width?: number;
  align?: 'left' | 'right' | 'center';
  choices?: Choice[];
  custom?: boolean;
  bulk_ops?: string[];
  group?: string;
  required?: boolean;
  help?: string;
}

export interface Condition {
  field: string;
  op: string;
  value?: unknown;
}
export type Filter = Condition | { and: Filter[] } | { or: Filter[] };

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

export interface Job {
  id: string;
  kind: string;
  label: string;
  state: JobState;
  done: number;
  total: number;
  failed: number;
  result?: Record<string, unknown> | null;
  error?: string;
  created_at: string;
  started_at?: string | null;
  finished_at?: string | null;
  created_by?: Ref | string | null;
  can_undo?: boolean;
  result_file?: boolean;
}

export interface JobRow {
  line?: number;
  id?: string;
  name?: string;
  outcome: string;
  code?: string;
  field?: string;
  message?: string;
  cells?: string[];
}

export type GroupType = string;

export interface Group {
  id: string;
  name: string;
  type: GroupType;
  type_label?: string;
  description: string;
  members: number;
  version: number;
}

export interface CustomField {
  id: string;
  key: string;
  label: string;
  type: 'text' | 'number' | 'date' | 'choice';
  choices: Choice[];
  required: boolean;
  help: string;
  position: number;
  version: number;
}

export interface AuditChange {
  field: string;
  old: unknown;
  new: unknown;
}

export interface AuditEntry {
  id: string;
  at: string;
  actor: { kind: string; id: string; name: string };
  on_behalf_of?: { kind: string; id: string; name: string } | null;
  ip: string;
  action: string;
  table: string;
  row_id: string;
  row_name?: string;
  message: string;
  comment?: string;
  changes: AuditChange[];
  request_id?: string;
}

export type Role = 'admin' | 'manager' | 'support' | 'read_only';

export interface Session {
  staff: { id: string; name: string; email: string; role: Role };
  permissions: string[];
  root?: string;
}

export interface Staff {
  id: string;
  name: string;
  email: string;
  role: Role;
  status: 'active' | 'disabled';
  last_seen_at: string | null;
  version: number;
}

export interface RoleInfo {
  id?: string;
  role?: string;
  name?: string;
  permissions?: string[];
}

export interface ApiToken {
  id: string;
  name: string;
  role: Role;
  scopes: string[];
  expires_at: string | null;
  last_used_at?: string | null;
  created_at?: string;
  token?: string;
}

export interface Settings {
  organization_name: string;
  default_country: string;
  default_currency: string;
  default_language: string;
  default_timezone: string;
  retention_days: number;
  group_types: (string | Choice)[];
  version?: number;
  [key: string]: unknown;
}

export interface Reference {
  countries: { code: string; name: string; calling_code: string }[];
  currencies: { code: string; name: string; digits: number }[];
  languages: { code: string; name: string }[];
  timezones: string[];
}

export interface SearchHit {
  type: string;
  id: string;
  title: string;
  subtitle: string;
  url: string;
}

export interface View {
  id: string;
  target: string;
  name: string;
  filter: Filter | null;
  q: string;
  sort: string;
  columns: { name: string; width?: number; hidden?: boolean; pinned?: boolean | 'left' | 'right' }[];
  shared: boolean;
  pinned: boolean;
  default: boolean;
  mine: boolean;
  owner?: Ref | string;
  version: number;
}

export interface ChangeEvent {
  table: string;
  row_id: string;
}
