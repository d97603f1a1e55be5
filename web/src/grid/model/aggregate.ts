/** Count, sum, average, minimum and maximum of cells that are in memory. Large ranges are summed by the server. */
import {
  addDecimal,
  compareDecimal,
  divideDecimal,
  formatDecimal,
  parseDecimal,
  type Decimal,
} from './decimal';
import type { ColumnAggregate, FieldDef } from './types';

export const isNumeric = (f: FieldDef | undefined) =>
  f?.type === 'number' || f?.type === 'int' || f?.type === 'money';
export const isTime = (f: FieldDef | undefined) => f?.type === 'date' || f?.type === 'day';

const filled = (v: unknown) =>
  v !== null && v !== undefined && v !== '' && !(Array.isArray(v) && v.length === 0);

/** Aggregates one column's values. */
export function aggregateColumn(field: FieldDef, values: unknown[]): ColumnAggregate {
  const out: ColumnAggregate = { count: 0 };
  let sum: Decimal | null = null;
  let min: Decimal | null = null;
  let max: Decimal | null = null;
  let n = 0;
  for (const v of values) {
    if (!filled(v)) continue;
    out.count++;
    if (isNumeric(field)) {
      const d = parseDecimal(v);
      if (!d) continue;
      n++;
      sum = sum ? addDecimal(sum, d) : d;
      if (!min || compareDecimal(d, min) < 0) min = d;
      if (!max || compareDecimal(d, max) > 0) max = d;
    } else if (isTime(field) && typeof v === 'string') {
      if (!out.min || v < out.min) out.min = v;
      if (!out.max || v > out.max) out.max = v;
    }
  }
  if (sum && min && max) {
    out.sum = formatDecimal(sum);
    out.average = formatDecimal(divideDecimal(sum, n));
    out.min = formatDecimal(min);
    out.max = formatDecimal(max);
  }
  return out;
}

export interface RangeSummary {
  count: number;
  sum?: string;
  average?: string;
  min?: string;
  max?: string;
  /** The type that min and max have, when all summed columns share one. */
  type?: FieldDef['type'];
}

/** Folds the columns of a range into one line: sums are added, averages weighted by count. */
export function foldColumns(fields: FieldDef[], columns: Record<string, ColumnAggregate>): RangeSummary {
  const out: RangeSummary = { count: 0 };
  let sum: Decimal | null = null;
  let min: Decimal | null = null;
  let max: Decimal | null = null;
  let n = 0;
  const numeric = fields.filter(isNumeric);
  for (const f of fields) out.count += columns[f.name]?.count ?? 0;
  for (const f of numeric) {
    const c = columns[f.name];
    const s = parseDecimal(c?.sum);
    if (!c || !s) continue;
    sum = sum ? addDecimal(sum, s) : s;
    n += c.count;
    const lo = parseDecimal(c.min);
    const hi = parseDecimal(c.max);
    if (lo && (!min || compareDecimal(lo, min) < 0)) min = lo;
    if (hi && (!max || compareDecimal(hi, max) > 0)) max = hi;
  }
  if (sum && n > 0) {
    out.sum = formatDecimal(sum);
    out.average = formatDecimal(divideDecimal(sum, n));
    if (min) out.min = formatDecimal(min);
    if (max) out.max = formatDecimal(max);
    out.type = numeric.every((f) => f.type === 'money') ? 'money' : 'number';
    return out;
  }
  const times = fields.filter(isTime);
  for (const f of times) {
    const c = columns[f.name];
    if (c?.min && (!out.min || c.min < out.min)) out.min = c.min;
    if (c?.max && (!out.max || c.max > out.max)) out.max = c.max;
  }
  if (out.min) out.type = times[0]!.type;
  return out;
}
