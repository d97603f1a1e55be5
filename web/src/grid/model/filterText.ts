/** A filter between its forms: what the server takes, what the builder edits, what a chip says. */
import { dateCondition, dayOf, isOneDay } from './dates';
import { childrenOf, group, isGroup, joinerOf, takesNothing } from './filter';
import type { Condition, FieldDef, FilterGroup, FilterNode, FilterOp } from './types';

export type OpFamily = 'text' | 'number' | 'date' | 'choice' | 'bool';

export function opFamily(f: FieldDef): OpFamily {
  if (f.type === 'number' || f.type === 'int' || f.type === 'money') return 'number';
  if (f.type === 'date' || f.type === 'day') return 'date';
  if (f.type === 'choice' || f.type === 'ref' || f.type === 'multiref') return 'choice';
  return f.type === 'bool' ? 'bool' : 'text';
}

type Fields = Map<string, FieldDef>;

const walk = (g: FilterGroup, fn: (c: Condition) => Condition): FilterGroup =>
  group(
    joinerOf(g),
    childrenOf(g).map((n: FilterNode) => (isGroup(n) ? walk(n, fn) : fn(n))),
  );

/** Instants become the days they fall on, a span of one day becomes "on". */
export function toDraft(f: FilterGroup | null, fields: Fields): FilterGroup {
  if (!f) return { and: [] };
  return walk(f, (c) => {
    if (fields.get(c.field)?.type !== 'date' || takesNothing(c.op)) return c;
    if (c.op === 'between' && isOneDay(c.value))
      return { ...c, op: 'eq', value: dayOf((c.value as string[])[0]) };
    if (Array.isArray(c.value)) return { ...c, value: c.value.map(dayOf) };
    return { ...c, value: dayOf(c.value) };
  });
}

/** The other way: days become instants here and now, in the zone of the reader. */
export function fromDraft(f: FilterGroup, fields: Fields): FilterGroup {
  return walk(f, (c) => {
    if (fields.get(c.field)?.type !== 'date' || takesNothing(c.op)) return c;
    const [a, b] = Array.isArray(c.value) ? c.value : [c.value, ''];
    const made = dateCondition(c.op, String(a ?? ''), String(b ?? ''));
    return made ? { field: c.field, op: made.op, value: made.value } : { ...c, value: '' };
  });
}

export interface TextTools {
  op: (family: OpFamily, op: FilterOp) => string;
  and: string;
  or: string;
  yes: string;
  no: string;
  /** A stored value as people read it. */
  value: (field: FieldDef, v: string | number | boolean) => string;
}

/** One condition in words. Fields that are gone show by their name. */
export function conditionText(c: Condition, fields: Fields, t: TextTools): string {
  const field = fields.get(c.field) ?? { name: c.field, label: c.field, type: 'text' as const };
  const draft = childrenOf(toDraft({ and: [c] }, fields))[0] as Condition;
  const op = t.op(opFamily(field), draft.op);
  if (takesNothing(draft.op)) return `${field.label} ${op}`;
  const show = (v: string | number | boolean) =>
    field.type === 'bool' ? (v === true || v === 'true' ? t.yes : t.no) : t.value(field, v);
  const v = draft.value;
  const text = Array.isArray(v)
    ? draft.op === 'between'
      ? v.map(show).join(' – ')
      : v.map(show).join(', ')
    : show(v ?? '');
  return `${field.label} ${op} ${text}`;
}

export function nodeText(n: FilterNode, fields: Fields, t: TextTools): string {
  if (!isGroup(n)) return conditionText(n, fields, t);
  const word = joinerOf(n) === 'or' ? t.or : t.and;
  return childrenOf(n)
    .map((k) => (isGroup(k) ? `(${nodeText(k, fields, t)})` : nodeText(k, fields, t)))
    .join(` ${word} `);
}
