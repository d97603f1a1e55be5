/** Rules of the mapping table that need no screen. */
import type { Import, ImportColumn, Mapping } from './types';

/** Columns whose name says they hold a secret: they are never taken over. The server decides; this is for its first answer. */
const SECRET = /pass(word|wd|phrase)?\b|secret|\bpin\b|\bpwd\b|contrase/i;

export const isSecret = (column: ImportColumn) =>
  column.suggested?.reason === 'secret' || SECRET.test(column.name);

/** Values that are checked and kept with the import until a part of the system that uses them is there. */
export const KEPT_FIELDS = [
  'balance',
  'debit_limit',
  'max_channels',
  'max_cps',
  'sip_username',
  'tv_username',
] as const;

export const isKept = (field: string) => (KEPT_FIELDS as readonly string[]).includes(field);

/** Takes a column only where the columns before it left the field blank. */
export const IF_BLANK = 'if_blank';

/** How the days of a column are written, where numbers alone do not tell. */
export const DAY_ORDERS = ['dmy', 'mdy'] as const;
export type DayOrder = (typeof DAY_ORDERS)[number];

export const dayOrderOf = (mapping: Mapping[], column: number): DayOrder | undefined =>
  DAY_ORDERS.find((o) => o === mapping.find((m) => m.column === column)?.transform);

/** Says how the days of these columns are written; '' leaves it to what their values show. */
export function writeDays(mapping: Mapping[], columns: number[], order: DayOrder | ''): Mapping[] {
  return mapping.map((m) =>
    !columns.includes(m.column) || m.transform === IF_BLANK
      ? m
      : { column: m.column, field: m.field, ...(order && { transform: order }) },
  );
}

/** Columns that go to one of these fields, and whose days are written in an order that nobody told. */
export const untoldDays = (mapping: Mapping[], dayFields: string[]): number[] =>
  mapping.filter((m) => dayFields.includes(m.field) && !m.transform).map((m) => m.column);

/** Below this a guess is shown as one. */
const SURE = 0.85;

export const isGuess = (column: ImportColumn, field: string) =>
  !!field && column.suggested?.field === field && column.suggested.confidence < SURE;

export const fieldOf = (mapping: Mapping[], column: number) =>
  mapping.find((m) => m.column === column)?.field ?? '';

/**
 * Sets where a column goes; '' leaves it out. A field gets its value from its first column; any other column of the
 * same field stands in where that is blank.
 */
export function assign(mapping: Mapping[], column: number, field: string): Mapping[] {
  const old = mapping.find((m) => m.column === column);
  if (old?.field === field) return mapping;
  const rest = mapping.filter((m) => m.column !== column);
  const next = field === '' ? rest : [...rest, { column, field, transform: IF_BLANK }];
  next.sort((a, b) => a.column - b.column);
  const led = new Set(next.filter((m) => m.transform !== IF_BLANK).map((m) => m.field));
  return next.map((m) => {
    if (m.transform !== IF_BLANK || led.has(m.field)) return m;
    led.add(m.field);
    return { column: m.column, field: m.field };
  });
}

/** Whether a name can be had for each row: required by every customer. */
export function lacksName(imp: Import): boolean {
  if (imp.mode === 'update') return false;
  const have = new Set([...imp.mapping.map((m) => m.field), ...Object.keys(imp.defaults ?? {})]);
  return !['name', 'company', 'first_name', 'last_name'].some((f) => have.has(f));
}

/** Match keys that no column brings. */
export function missingMatch(imp: Import): string[] {
  if (imp.mode === 'create') return [];
  const have = new Set(imp.mapping.map((m) => m.field));
  return imp.match.filter((m) => !have.has(m));
}

/** A heading for a column that has none: A, B, … Z, AA. */
export function columnLetter(index: number): string {
  let n = index + 1;
  let out = '';
  while (n > 0) {
    out = String.fromCharCode(65 + ((n - 1) % 26)) + out;
    n = Math.floor((n - 1) / 26);
  }
  return out;
}

export const columnName = (c: Pick<ImportColumn, 'index' | 'name'>) => c.name.trim() || columnLetter(c.index);

/** A few words that tell a row: what goes to a name, else the first cells that are no secret. */
export function rowWords(imp: Pick<Import, 'mapping' | 'columns'>, cells: string[]): string {
  const named = ['name', 'company', 'first_name', 'last_name', 'email'].flatMap((f) =>
    imp.mapping.filter((m) => m.field === f).map((m) => cells[m.column] ?? ''),
  );
  const open = cells.filter((_, i) => !imp.columns.some((c) => c.index === i && isSecret(c)));
  const words = named.filter((x) => x.trim() !== '');
  return (words.length ? words : open.filter((x) => x.trim() !== '')).slice(0, 3).join(' · ');
}
