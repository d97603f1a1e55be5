/**
 * Values as people read them, by locale. Formatters are cached: making one costs more than a screenful of cells.
 */
import type { FieldDef, GridRow } from './types';

export interface FormatContext {
  locale: string;
  /** IANA zone; the browser's when left out. */
  timeZone?: string;
  yes?: string;
  no?: string;
}

const numbers = new Map<string, Intl.NumberFormat>();
const dates = new Map<string, Intl.DateTimeFormat>();

function numberFormat(locale: string, min: number, max: number): Intl.NumberFormat {
  const key = `${locale}|${min}|${max}`;
  let f = numbers.get(key);
  if (!f)
    numbers.set(
      key,
      (f = new Intl.NumberFormat(locale, { minimumFractionDigits: min, maximumFractionDigits: max })),
    );
  return f;
}

function dateFormat(locale: string, kind: 'date' | 'day' | 'full', timeZone?: string): Intl.DateTimeFormat {
  const key = `${locale}|${kind}|${timeZone ?? ''}`;
  let f = dates.get(key);
  if (!f) {
    const o: Intl.DateTimeFormatOptions =
      kind === 'day'
        ? { dateStyle: 'medium', timeZone: 'UTC' }
        : kind === 'full'
          ? { dateStyle: 'full', timeStyle: 'long', timeZone }
          : {
              day: 'numeric',
              month: 'short',
              year: 'numeric',
              hour: '2-digit',
              minute: '2-digit',
              timeZoneName: 'short',
              timeZone,
            };
    dates.set(key, (f = new Intl.DateTimeFormat(locale, o)));
  }
  return f;
}

/** A decimal string by locale, exact: Intl takes decimal strings without going through a float. */
export function formatNumber(v: unknown, locale: string, min = 0, max = 6): string {
  if (v === null || v === undefined || v === '') return '';
  const text = String(v);
  if (!/^[+-]?\d+(\.\d+)?$/.test(text)) return text;
  return numberFormat(locale, min, max).format(text as unknown as number);
}

export const formatInt = (n: number, locale: string) => numberFormat(locale, 0, 0).format(n);

export function formatDate(v: unknown, type: 'date' | 'day', c: FormatContext): string {
  if (typeof v !== 'string' || v === '') return '';
  const d = new Date(type === 'day' ? `${v.slice(0, 10)}T00:00:00Z` : v);
  if (Number.isNaN(d.getTime())) return v;
  return dateFormat(c.locale, type, c.timeZone).format(d);
}

/** An instant with its time zone, for titles. */
export function formatInstantFull(v: unknown, c: FormatContext): string {
  if (typeof v !== 'string' || v === '') return '';
  const d = new Date(v);
  return Number.isNaN(d.getTime()) ? v : dateFormat(c.locale, 'full', c.timeZone).format(d);
}

/** The value of a field in a row; custom fields are under `custom`. */
export function cellValue(row: GridRow, name: string): unknown {
  if (name.startsWith('custom.')) return (row.custom as Record<string, unknown> | undefined)?.[name.slice(7)];
  if (name in row) return row[name];
  if (!name.includes('.')) return undefined;
  let v: unknown = row;
  for (const part of name.split('.')) v = (v as Record<string, unknown> | null | undefined)?.[part];
  return v;
}

function refName(v: unknown): string {
  if (v && typeof v === 'object') {
    const o = v as { name?: unknown; label?: unknown; id?: unknown };
    return String(o.name ?? o.label ?? o.id ?? '');
  }
  return v === null || v === undefined ? '' : String(v);
}

/** The text of a cell as shown. */
export function formatCell(field: FieldDef, value: unknown, c: FormatContext): string {
  if (value === null || value === undefined || value === '') return '';
  switch (field.type) {
    case 'money':
      return formatNumber(value, c.locale, 2, 6);
    case 'number':
    case 'int':
      return formatNumber(value, c.locale);
    case 'date':
    case 'day':
      return formatDate(value, field.type, c);
    case 'bool':
      return value ? (c.yes ?? 'true') : (c.no ?? 'false');
    case 'choice':
      return field.choices?.find((o) => o.value === String(value))?.label ?? refName(value);
    case 'multiref':
      return Array.isArray(value) ? value.map(refName).join(', ') : refName(value);
    default:
      return Array.isArray(value) ? value.map(refName).join(', ') : refName(value);
  }
}

/** The text of a cell for a spreadsheet: numbers and times stay machine-readable. */
export function copyCell(field: FieldDef, value: unknown, c: FormatContext): string {
  if (value === null || value === undefined) return '';
  if (
    field.type === 'number' ||
    field.type === 'int' ||
    field.type === 'money' ||
    field.type === 'date' ||
    field.type === 'day'
  )
    return String(value);
  return formatCell(field, value, c);
}
