/** Shapes of `/imports` as the console reads them. */
export type ImportState =
  'draft' | 'checking' | 'checked' | 'running' | 'done' | 'failed' | 'cancelled' | 'undoing' | 'undone';

export type ImportMode = 'create' | 'update' | 'upsert';

export interface ImportColumn {
  index: number;
  name: string;
  sample: string[];
  /** `reason` says why it is not imported: secret, read_only, unknown. */
  suggested?: { field: string; confidence: number; transform?: string; reason?: string } | null;
}

export interface Mapping {
  column: number;
  field: string;
  transform?: string;
}

export interface ImportSummary {
  rows: number;
  create: number;
  update: number;
  skip: number;
  unchanged: number;
  wrong: number;
  warnings: number;
  kept?: { field: string; rows: number }[] | null;
  errors_by_code?: Record<string, number> | null;
  undone?: number;
  /** Changed since the import, and so left as they are. */
  not_undone?: number;
  groups_made?: number;
  /** By the undo: made by the run, and unused and unchanged since. */
  groups_removed?: number;
}

export interface Import {
  [key: string]: unknown;
  id: string;
  target: string;
  file_name: string;
  size: number;
  format: 'csv' | 'xlsx';
  encoding: string;
  separator: string;
  has_header: boolean;
  skip_rows: number;
  sheets?: string[] | null;
  sheet?: string;
  columns: ImportColumn[];
  preset?: string;
  mapping: Mapping[];
  defaults: Record<string, string>;
  options: { create_groups?: boolean; country?: string };
  mode: ImportMode;
  match: string[];
  state: ImportState;
  rows: number;
  summary?: ImportSummary | null;
  job?: string;
  check_job?: string;
  undo_job?: string;
  /** Why the last job could not go on. */
  error?: string;
  created_at?: string;
  version: number;
}

export interface ImportRowError {
  field: string;
  column?: number;
  code: string;
  message: string;
}

export interface ImportRow {
  line: number;
  outcome: string;
  errors?: ImportRowError[] | null;
  cells?: string[] | null;
  id?: string;
  name?: string;
}

export interface Preset {
  key: string;
  name: string;
  target: string;
}

export const isBusy = (s: ImportState) => s === 'checking' || s === 'running' || s === 'undoing';

/** Rows have been imported by a run, in part or all: how the file is read is fixed then. */
export const hasBegun = (i: Import) => !!i.job && i.state !== 'undone';
