/** Relative presets ("this month", "last 7 days") become instants when they are chosen, in the person's time zone. */
import type { FilterOp } from './types';

export type DatePreset =
  | 'today'
  | 'yesterday'
  | 'last_7_days'
  | 'last_30_days'
  | 'this_week'
  | 'this_month'
  | 'last_month'
  | 'this_year';

export const DATE_PRESETS: DatePreset[] = [
  'today',
  'yesterday',
  'last_7_days',
  'last_30_days',
  'this_week',
  'this_month',
  'last_month',
  'this_year',
];

const day = (d: Date, plus = 0) => new Date(d.getFullYear(), d.getMonth(), d.getDate() + plus);

/** First and last moment of a preset, as local dates; the end is exclusive. */
export function presetSpan(p: DatePreset, now: Date): [Date, Date] {
  const y = now.getFullYear();
  const m = now.getMonth();
  switch (p) {
    case 'today':
      return [day(now), day(now, 1)];
    case 'yesterday':
      return [day(now, -1), day(now)];
    case 'last_7_days':
      return [day(now, -6), day(now, 1)];
    case 'last_30_days':
      return [day(now, -29), day(now, 1)];
    case 'this_week': {
      const monday = day(now, -((now.getDay() + 6) % 7));
      return [monday, day(monday, 7)];
    }
    case 'this_month':
      return [new Date(y, m, 1), new Date(y, m + 1, 1)];
    case 'last_month':
      return [new Date(y, m - 1, 1), new Date(y, m, 1)];
    case 'this_year':
      return [new Date(y, 0, 1), new Date(y + 1, 0, 1)];
  }
}

const two = (n: number) => String(n).padStart(2, '0');

/** A calendar day as `YYYY-MM-DD`. */
export const dayText = (d: Date) => `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;

/** An instant as RFC 3339 in UTC, to the second (milliseconds only when there are any). */
export const instantText = (d: Date) => d.toISOString().replace('.000Z', 'Z');

/** The two ends of a `between` for a preset: days for a day field, instants for a date field (both included). */
export function presetValue(p: DatePreset, type: 'date' | 'day', now: Date): [string, string] {
  const [from, to] = presetSpan(p, now);
  if (type === 'day') return [dayText(from), dayText(day(to, -1))];
  return [instantText(from), new Date(to.getTime() - 1).toISOString()];
}

/** Reads `YYYY-MM-DD` as the start of that day here; null when it is none. */
export function readDay(text: string): Date | null {
  const m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!m) return null;
  const d = new Date(Number(m[1]), Number(m[2]) - 1, Number(m[3]));
  return dayText(d) === text ? d : null;
}

/** The day a stored value falls on here, for showing in a date box. */
export function dayOf(value: unknown): string {
  if (typeof value !== 'string' || value === '') return '';
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return value;
  const d = new Date(value);
  return Number.isNaN(d.getTime()) ? '' : dayText(d);
}

/**
 * A day someone picked, as the value that the operator needs on an instant field: "after" means after the whole day,
 * "on" is the span of the day.
 */
export function dateCondition(
  op: FilterOp,
  from: string,
  to = '',
): { op: FilterOp; value: string | string[] } | null {
  const a = readDay(from);
  if (!a) return null;
  const endOf = (d: Date) => new Date(day(d, 1).getTime() - 1).toISOString();
  switch (op) {
    case 'eq':
      return { op: 'between', value: [instantText(a), endOf(a)] };
    case 'lt':
    case 'gte':
      return { op, value: instantText(a) };
    case 'gt':
    case 'lte':
      return { op, value: endOf(a) };
    case 'between': {
      const b = readDay(to);
      return b ? { op, value: [instantText(a), endOf(b)] } : null;
    }
    default:
      return null;
  }
}

/** True when a `between` covers exactly one local day, which is shown as "on". */
export function isOneDay(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const a = new Date(String(value[0]));
  const b = new Date(String(value[1]));
  return a.getTime() === day(a).getTime() && b.getTime() === day(a, 1).getTime() - 1;
}
