/** What a bulk update asks for, apart from how it is shown. */
import type { FieldDef } from '@/grid';

export interface Change {
  field: string;
  op: string;
  value: string | string[];
}

/** One line of the form: a field, and for groups a second one for the other direction. */
export interface Line {
  /** Name of the field, with a mark for the second line. */
  key: string;
  field: FieldDef;
  ops: string[];
}

export type Draft = Record<string, { op: string; value: string | string[] }>;

export const PRESERVE = 'preserve';
const SECOND = '+';
const opposite: Record<string, string> = { add: 'remove', remove: 'add' };

/** What a field allows in bulk; groups are added and removed rather than overwritten. */
export function bulkOps(f: FieldDef): string[] {
  if (f.type !== 'multiref') return f.bulk_ops ?? [];
  const named = f.bulk_ops?.filter((o) => ['add', 'remove', 'set'].includes(o)) ?? [];
  return named.includes('add') ? named : ['add', 'remove', 'set'];
}

/** Every field that may change in bulk; who is added to some groups can be taken out of others at once. */
export function lines(fields: FieldDef[], draft: Draft): Line[] {
  return fields.flatMap((field) => {
    const ops = bulkOps(field);
    if (ops.length === 0) return [];
    const first = { key: field.name, field, ops };
    const other = opposite[draft[field.name]?.op ?? ''];
    return other && ops.includes(other)
      ? [first, { key: field.name + SECOND, field, ops: [other] }]
      : [first];
  });
}

const isComplete = (c: Change) =>
  c.op === 'clear' || (Array.isArray(c.value) ? c.value.length > 0 : c.value.trim() !== '');

/** The lines that say something. A line without its value says nothing yet. */
export function changesOf(fields: FieldDef[], draft: Draft): Change[] {
  return lines(fields, draft)
    .flatMap(({ key, field }) => {
      const d = draft[key];
      return d && d.op !== PRESERVE ? [{ field: field.name, op: d.op, value: d.value }] : [];
    })
    .filter(isComplete);
}

/** Lines whose action still lacks its value. */
export function openLines(fields: FieldDef[], draft: Draft): string[] {
  return lines(fields, draft)
    .filter(({ key, field }) => {
      const d = draft[key];
      return d && d.op !== PRESERVE && !isComplete({ field: field.name, op: d.op, value: d.value });
    })
    .map((l) => l.key);
}

export const changesBody = (changes: Change[]) =>
  changes.map((c) => (c.op === 'clear' ? { field: c.field, op: c.op } : c));
