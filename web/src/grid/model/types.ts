/**
 * Words shared by the whole grid: what a field is, what a filter is, what a page of rows is.
 * Nothing here knows React, the router or the network.
 */

/** Types a list's `/fields` answer may use. */
export type FieldType =
  'text' | 'number' | 'int' | 'money' | 'date' | 'day' | 'choice' | 'ref' | 'multiref' | 'bool' | 'id';

export interface Choice {
  value: string;
  label: string;
}

/** One column of a list as `/<things>/fields` describes it. */
export interface FieldDef {
  name: string;
  label: string;
  type: FieldType;
  ops?: FilterOp[];
  sortable?: boolean;
  filterable?: boolean;
  editable?: boolean;
  importable?: boolean;
  default_visible?: boolean;
  /** Hidden from the reader. */
  masked?: boolean;
  width?: number;
  align?: 'left' | 'right' | 'center' | '';
  choices?: Choice[] | null;
  custom?: boolean;
  bulk_ops?: string[];
  group?: string;
}

export type FilterOp =
  | 'eq'
  | 'ne'
  | 'lt'
  | 'lte'
  | 'gt'
  | 'gte'
  | 'in'
  | 'nin'
  | 'contains'
  | 'ncontains'
  | 'starts'
  | 'nstarts'
  | 'ends'
  | 'nends'
  | 'empty'
  | 'nempty'
  | 'between';

export type FilterValue = string | number | boolean | (string | number)[];

export interface Condition {
  field: string;
  op: FilterOp;
  value?: FilterValue;
}

export type FilterGroup = { and: FilterNode[] } | { or: FilterNode[] };
export type FilterNode = Condition | FilterGroup;

export interface SortKey {
  field: string;
  desc: boolean;
}

/** What is asked of a list: the part that is in the URL and in a saved view. */
export interface ListQuery {
  q: string;
  filter: FilterGroup | null;
  sort: SortKey[];
}

export interface ListPage<T> {
  items: T[];
  next_cursor?: string;
  total?: number | null;
  total_is_exact?: boolean;
}

/** Every row of every list has an id; the rest is read by field name. */
export interface GridRow {
  id: string;
  [field: string]: unknown;
}

export interface ColumnAggregate {
  count: number;
  sum?: string | null;
  average?: string | null;
  min?: string | null;
  max?: string | null;
}

export interface AggregateAnswer {
  rows: number;
  columns: Record<string, ColumnAggregate>;
}

/** A cell by absolute position: row in the filtered and sorted list, column among the visible ones. */
export interface CellPos {
  row: number;
  col: number;
}

/** A rectangle of cells, both ends included. */
export interface CellRange {
  top: number;
  left: number;
  bottom: number;
  right: number;
}
