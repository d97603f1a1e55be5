// The shapes of the REST API, by the names that screens use. They come from the
// schema generated from docs/openapi.json (`npm run generate`); where that says
// only `string`, the values that the console knows are named here.
import type { components } from './schema';

type S = components['schemas'];
/** T with some properties said more exactly. */
type Narrow<T, N> = Omit<T, keyof N> & N;

export type Kind = 'customer' | 'provider' | 'reseller';
export type BillingType = 'prepaid' | 'postpaid';
export type CustomerStatus = 'active' | 'inactive' | 'penalty' | 'pending' | 'closed';
export type CustomValue = string | number | null;

export interface Ref {
  id: string;
  name: string;
}

export type Customer = Narrow<
  S['CustomerBody'],
  {
    kind: Kind;
    party: 'person' | 'organization';
    status: CustomerStatus;
    status_next?: CustomerStatus[];
    billing_type: BillingType;
    reseller: Ref | null;
    custom: Record<string, CustomValue>;
  }
>;

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
  /** Hidden from the reader. */
  masked?: boolean;
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

export type Job = Narrow<Partial<S['JobBody']>, JobCore>;

interface JobCore {
  id: string;
  kind: string;
  label: string;
  state: JobState;
  done: number;
  total: number;
  failed: number;
  created_at: string;
  result?: Record<string, unknown> | null;
  created_by?: Ref | null;
}

export type JobRow = S['JobRowBody'];

export type Contact = S['ContactBody'];

export type GroupType = string;

export type Group = S['GroupBody'];

export type CustomField = Narrow<S['CustomFieldBody'], { type: 'text' | 'number' | 'date' | 'choice' }>;

export interface AuditChange {
  field: string;
  old: unknown;
  new: unknown;
  /** It changed, and its values are hidden from the reader. */
  masked?: boolean;
}

export type Notice = S['NoticeBody'];
export type AuditHead = S['AuditHeadBody'];
export type AuditEntry = Narrow<
  S['AuditBody'],
  { on_behalf_of: S['AuditActor'] | null; changes: AuditChange[] }
>;

/** The key of a role: one that ships, or one of the operator's own. */
export type Role = string;

export type Session = Narrow<S['MeBody'], { staff: Narrow<S['MeStaff'], { role: Role }> }>;

export type Staff = Narrow<S['StaffBody'], { role: Role; status: 'active' | 'disabled' }>;

export type RoleInfo = S['RoleBody'];

export type Why = S['WhyBody'];
export type WhyHidden = S['WhyHiddenBody'];

export type PermissionInfo = S['PermissionBody'];
export type MaskInfo = S['MaskBody'];

export type ApiToken = Narrow<S['TokenBody'], { role: Role }>;

export type Settings = S['SettingsBody'];

export type Reference = S['ReferenceBody'];

export type SearchHit = S['HitBody'];

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
  /** It uses what is hidden from the reader. */
  masked?: boolean;
  owner?: Ref | string;
  version: number;
}

export type ScheduledState = 'pending' | 'applied' | 'conflicted' | 'failed' | 'cancelled';

export type ScheduledChange = Narrow<
  S['ScheduledBody'],
  {
    state: ScheduledState;
    op: 'create' | 'update' | 'delete';
    patch: Record<string, unknown>;
    diff?: {
      field: string;
      asked: unknown;
      now: unknown;
      then: unknown;
      conflict: boolean;
      masked?: boolean;
    }[];
  }
>;

export interface ChangeEvent {
  table: string;
  row_id: string;
}
