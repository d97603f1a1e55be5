/**
 * The filter model: operators per field type, edits of an and/or tree, what is complete enough to send, and the tree
 * as URL text. The JSON is the API's own, so a link can be read by an integrator as well.
 */
import type { Condition, FieldDef, FieldType, FilterGroup, FilterNode, FilterOp, FilterValue } from './types';

export type Joiner = 'and' | 'or';

const TEXT: FilterOp[] = [
  'starts',
  'nstarts',
  'contains',
  'ncontains',
  'eq',
  'ne',
  'ends',
  'nends',
  'in',
  'nin',
  'empty',
  'nempty',
];
const NUMBER: FilterOp[] = ['eq', 'ne', 'gt', 'lt', 'gte', 'lte', 'between', 'empty', 'nempty'];
const DATE: FilterOp[] = ['eq', 'lt', 'gt', 'lte', 'gte', 'between', 'empty', 'nempty'];
const CHOICE: FilterOp[] = ['eq', 'ne', 'in', 'nin', 'empty', 'nempty'];

const BY_TYPE: Record<FieldType, FilterOp[]> = {
  text: TEXT,
  id: TEXT,
  number: NUMBER,
  int: NUMBER,
  money: NUMBER,
  date: DATE,
  day: DATE,
  choice: CHOICE,
  ref: CHOICE,
  multiref: CHOICE,
  bool: ['eq'],
};

/** The operators a field offers: what the server says, in the order people expect. */
export function opsFor(field: FieldDef): FilterOp[] {
  const order = BY_TYPE[field.type] ?? TEXT;
  if (!field.ops?.length) return order;
  const known = order.filter((o) => field.ops!.includes(o));
  // Operators that are of no use to people (text that sorts before another) stay in the API.
  return known.length ? known : field.ops;
}

/** The operator a new condition starts with. */
export function defaultOp(field: FieldDef): FilterOp {
  const ops = opsFor(field);
  const want: FilterOp = field.type === 'text' || field.type === 'id' ? 'contains' : 'eq';
  const other: FilterOp = field.type === 'date' || field.type === 'day' ? 'gte' : want;
  return ops.includes(other) ? other : (ops[0] ?? 'eq');
}

export const takesNothing = (op: FilterOp) => op === 'empty' || op === 'nempty';
export const takesMany = (op: FilterOp) => op === 'in' || op === 'nin';
export const takesTwo = (op: FilterOp) => op === 'between';

export const isGroup = (n: FilterNode): n is FilterGroup => 'and' in n || 'or' in n;
export const joinerOf = (g: FilterGroup): Joiner => ('or' in g ? 'or' : 'and');
export const childrenOf = (g: FilterGroup): FilterNode[] => ('or' in g ? g.or : g.and);
export const group = (j: Joiner, children: FilterNode[]): FilterGroup =>
  j === 'or' ? { or: children } : { and: children };

export const emptyFilter: FilterGroup = { and: [] };

/** True when the condition can be sent: it has the values its operator needs. */
export function isComplete(c: Condition): boolean {
  if (!c.field || !c.op) return false;
  if (takesNothing(c.op)) return true;
  const v = c.value;
  if (takesTwo(c.op))
    return Array.isArray(v) && v.length === 2 && v.every((x) => x !== '' && x !== undefined && x !== null);
  if (takesMany(c.op)) return Array.isArray(v) && v.length > 0;
  if (Array.isArray(v)) return false;
  return v !== undefined && v !== null && v !== '';
}

/** The tree without unfinished conditions, empty groups and groups of one; null when nothing is left. */
export function prune(node: FilterNode | null | undefined): FilterGroup | null {
  if (!node) return null;
  const clean = pruneNode(node);
  if (!clean) return null;
  return isGroup(clean) ? clean : { and: [clean] };
}

function pruneNode(node: FilterNode): FilterNode | null {
  if (!isGroup(node)) {
    if (!isComplete(node)) return null;
    return takesNothing(node.op) ? { field: node.field, op: node.op } : node;
  }
  const kids = childrenOf(node)
    .map(pruneNode)
    .filter((k): k is FilterNode => k !== null);
  if (kids.length === 0) return null;
  if (kids.length === 1) return kids[0]!;
  return group(joinerOf(node), kids);
}

export function countConditions(node: FilterNode | null): number {
  if (!node) return 0;
  if (!isGroup(node)) return 1;
  return childrenOf(node).reduce((n, k) => n + countConditions(k), 0);
}

/** A place in the tree: the index among the children at each level. */
export type Path = number[];

export function nodeAt(root: FilterGroup, path: Path): FilterNode | undefined {
  let node: FilterNode | undefined = root;
  for (const i of path) {
    if (!node || !isGroup(node)) return undefined;
    node = childrenOf(node)[i];
  }
  return node;
}

/** Replaces the node at a path; null removes it. */
export function replaceAt(root: FilterGroup, path: Path, next: FilterNode | null): FilterGroup {
  if (path.length === 0) return next && isGroup(next) ? next : emptyFilter;
  const [i, ...rest] = path as [number, ...number[]];
  const kids = childrenOf(root).slice();
  if (rest.length === 0) {
    if (next) kids[i] = next;
    else kids.splice(i, 1);
  } else {
    const kid = kids[i];
    if (!kid || !isGroup(kid)) return root;
    kids[i] = replaceAt(kid, rest, next);
  }
  return group(joinerOf(root), kids);
}

export function appendAt(root: FilterGroup, path: Path, node: FilterNode): FilterGroup {
  const at = nodeAt(root, path);
  if (!at || !isGroup(at)) return root;
  return replaceAt(root, path, group(joinerOf(at), [...childrenOf(at), node]));
}

export function setJoiner(root: FilterGroup, path: Path, joiner: Joiner): FilterGroup {
  const at = nodeAt(root, path);
  if (!at || !isGroup(at)) return root;
  return replaceAt(root, path, group(joiner, childrenOf(at)));
}

/** Adds a condition at the top, keeping an "or" at the top together as one part. */
export function andWith(root: FilterGroup | null, node: FilterNode): FilterGroup {
  if (!root) return { and: [node] };
  return 'or' in root ? { and: [root, node] } : { and: [...root.and, node] };
}

/** A value that fits when the operator or field of a condition changes; undefined when none does. */
export function refit(value: FilterValue | undefined, op: FilterOp): FilterValue | undefined {
  if (takesNothing(op) || value === undefined) return undefined;
  const one = Array.isArray(value) ? value[0] : value;
  if (takesMany(op)) return Array.isArray(value) ? value.filter((v) => v !== '') : [one as string];
  if (takesTwo(op)) return Array.isArray(value) && value.length === 2 ? value : [(one ?? '') as string, ''];
  return one;
}

const OPS = new Set<string>([...TEXT, ...NUMBER, ...DATE, ...CHOICE]);

/** Reads anything (a URL, a saved view) as a filter; null when it is none. Never throws. */
export function readFilter(raw: unknown, depth = 0): FilterGroup | null {
  let v = raw;
  if (typeof v === 'string') {
    try {
      v = JSON.parse(v);
    } catch {
      return null;
    }
  }
  const node = readNode(v, depth);
  return prune(node);
}

function readNode(v: unknown, depth: number): FilterNode | null {
  if (!v || typeof v !== 'object' || Array.isArray(v) || depth > 8) return null;
  const o = v as Record<string, unknown>;
  const j: Joiner | null = Array.isArray(o.and) ? 'and' : Array.isArray(o.or) ? 'or' : null;
  if (j) {
    const kids = (o[j] as unknown[])
      .map((k) => readNode(k, depth + 1))
      .filter((k): k is FilterNode => k !== null);
    return group(j, kids);
  }
  if (typeof o.field !== 'string' || typeof o.op !== 'string' || !OPS.has(o.op)) return null;
  const c: Condition = { field: o.field, op: o.op as FilterOp };
  if (o.value !== undefined && o.value !== null) c.value = o.value as FilterValue;
  return c;
}

/** The filter as the API and the URL take it; empty text when there is none. */
export function writeFilter(f: FilterGroup | null): string {
  const p = prune(f);
  return p ? JSON.stringify(p) : '';
}
