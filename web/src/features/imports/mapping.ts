/** Rules of the mapping table that need no screen. */
import type { FieldDef } from '@/grid';
import type { Import, ImportColumn, Mapping } from './types';

/** Columns whose name says they hold a secret: they are never taken over. */
const SECRET = /pass(word|wd|phrase)?\b|secret|\bpin\b|\bpwd\b|contrase/i;

export const isSecret = (column: ImportColumn) => column.suggested?.reason === 'secret' || column.suggested?.reason === 'password' || SECRET.test(column.name);

/** Below this a guess is shown as one. */
const SURE = 0.85;

export const isGuess = (column: ImportColumn, field: string) =>
  !!field && column.suggested?.field === field && column.suggested.confidence < SURE;

/** Fields that are taken from the file and kept with the import, but not applied to the customer yet. */
export const isKept = (field: FieldDef | undefined) => !!field && field.importable !== false && field.editable === false && field.name !== 'customer_id';

export const fieldOf = (mapping: Mapping[], column: number) => mapping.find((m) => m.column === column)?.field ?? '';

/** Sets where a column goes; '' leaves it out. A field gets its value from one column only. */
export function assign(mapping: Mapping[], column: number, field: string): Mapping[] {
  const rest = mapping.filter((m) => m.column !== column && (field === '' || m.field !== field));
  const old = mapping.find((m) => m.column === column);
  if (field === '') return rest;
  const next: Mapping = old && old.field === field ? old : { column, field };
  return [...rest, next].sort((a, b) => a.column - b.column);
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
