/**
 * Order, width, visibility and pinning of columns. What a person changed is kept as a small JSON under
 * `/preferences/grid.<target>`; columns that are new since then come at their natural place.
 */
import type { FieldDef } from './types';

export interface ColumnState {
  name: string;
  width: number;
  hidden: boolean;
  pinned: boolean;
}

export interface ColumnsPreference {
  columns?: { name: string; width?: number; hidden?: boolean; pinned?: boolean }[];
}

export const MIN_WIDTH = 56;
export const MAX_WIDTH = 900;

const DEFAULT_WIDTH: Partial<Record<FieldDef['type'], number>> = {
  number: 110,
  int: 110,
  money: 120,
  date: 190,
  day: 120,
  bool: 90,
  choice: 130,
  id: 130,
};

/** No narrower at first: a time is shown with its zone. */
const ROOM: Partial<Record<FieldDef['type'], number>> = { date: 190 };

export const clampWidth = (w: number) => Math.round(Math.min(Math.max(w, MIN_WIDTH), MAX_WIDTH));

/** The columns as the server suggests them; `pinned` names those that stay at the left. */
export function defaultColumns(fields: FieldDef[], pinned: string[] = []): ColumnState[] {
  const all = fields.map((f) => ({
    name: f.name,
    width: clampWidth(Math.max(f.width || DEFAULT_WIDTH[f.type] || 160, ROOM[f.type] ?? 0)),
    hidden: f.default_visible === false,
    pinned: pinned.includes(f.name),
  }));
  return pinnedFirst(all);
}

/** Pinned columns stand before the others, otherwise the order is kept. */
export function pinnedFirst(cols: ColumnState[]): ColumnState[] {
  return [...cols.filter((c) => c.pinned), ...cols.filter((c) => !c.pinned)];
}

/** Lays what a person (or a view) remembered over the defaults. Unknown names are dropped, junk is ignored. */
export function applyPreference(defaults: ColumnState[], pref: unknown): ColumnState[] {
  const list = (pref as ColumnsPreference | null)?.columns;
  if (!Array.isArray(list)) return defaults;
  const byName = new Map(defaults.map((c) => [c.name, c]));
  const out: ColumnState[] = [];
  for (const p of list) {
    const d = p && typeof p.name === 'string' ? byName.get(p.name) : undefined;
    if (!d) continue;
    byName.delete(p.name);
    out.push({
      name: d.name,
      width: typeof p.width === 'number' && Number.isFinite(p.width) ? clampWidth(p.width) : d.width,
      hidden: typeof p.hidden === 'boolean' ? p.hidden : d.hidden,
      pinned: typeof p.pinned === 'boolean' ? p.pinned : d.pinned,
    });
  }
  defaults.forEach((d, i) => {
    if (byName.has(d.name)) out.splice(Math.min(i, out.length), 0, d);
  });
  return pinnedFirst(out.length ? out : defaults);
}

export function toPreference(cols: ColumnState[]): ColumnsPreference {
  return { columns: cols.map(({ name, width, hidden, pinned }) => ({ name, width, hidden, pinned })) };
}

export const visibleColumns = (cols: ColumnState[]) => cols.filter((c) => !c.hidden);

const change = (cols: ColumnState[], name: string, patch: Partial<ColumnState>) =>
  cols.map((c) => (c.name === name ? { ...c, ...patch } : c));

export const resize = (cols: ColumnState[], name: string, width: number) =>
  change(cols, name, { width: clampWidth(width) });

/** Hides or shows a column; the last visible one stays. */
export function setHidden(cols: ColumnState[], name: string, hidden: boolean): ColumnState[] {
  if (hidden && visibleColumns(cols).length <= 1) return cols;
  return change(cols, name, { hidden });
}

export const setPinned = (cols: ColumnState[], name: string, pinned: boolean) =>
  pinnedFirst(change(cols, name, { pinned }));

/** Moves a column before another (or to the end), taking on that side's pinning. */
export function moveBefore(cols: ColumnState[], name: string, before: string | null): ColumnState[] {
  if (name === before) return cols;
  const moving = cols.find((c) => c.name === name);
  if (!moving) return cols;
  const rest = cols.filter((c) => c.name !== name);
  const at = before === null ? rest.length : rest.findIndex((c) => c.name === before);
  if (at < 0) return cols;
  const beside = rest[at] ?? rest[at - 1];
  const lastPinned = rest[at - 1];
  const pinned = beside ? beside.pinned || (moving.pinned && !!lastPinned?.pinned) : moving.pinned;
  rest.splice(at, 0, { ...moving, pinned });
  return pinnedFirst(rest);
}

/** Moves a column by one visible place; -1 is left. Stays within its side of the pin. */
export function moveBy(cols: ColumnState[], name: string, by: -1 | 1): ColumnState[] {
  const vis = visibleColumns(cols);
  const i = vis.findIndex((c) => c.name === name);
  const other = vis[i + by];
  if (i < 0 || !other || other.pinned !== vis[i]!.pinned) return cols;
  const out = cols.filter((c) => c.name !== name);
  const at = out.findIndex((c) => c.name === other.name) + (by > 0 ? 1 : 0);
  out.splice(at, 0, vis[i]!);
  return out;
}

/** Left edges of the visible columns and the whole width, after `lead` px of fixed columns. */
export function layout(
  vis: ColumnState[],
  lead: number,
): { left: number[]; width: number; pinnedWidth: number } {
  let x = lead;
  let pinnedWidth = lead;
  const left = vis.map((c) => {
    const at = x;
    x += c.width;
    if (c.pinned) pinnedWidth = x;
    return at;
  });
  return { left, width: x, pinnedWidth };
}

/** The places of the unpinned columns that show between scrollLeft and scrollLeft + width; the last is exclusive. */
export function columnWindow(
  vis: ColumnState[],
  left: number[],
  pinnedWidth: number,
  scrollLeft: number,
  width: number,
): [number, number] {
  const start = vis.findIndex((c) => !c.pinned);
  if (start < 0) return [vis.length, vis.length];
  if (width === 0) return [start, vis.length];
  const from = scrollLeft + pinnedWidth;
  const to = scrollLeft + width;
  let a = start;
  while (a < vis.length - 1 && left[a]! + vis[a]!.width <= from) a++;
  let b = a;
  while (b < vis.length && left[b]! < to) b++;
  return [Math.max(start, a - 1), Math.min(vis.length, b + 1)];
}

/** The scrollLeft that brings a column wholly into view beside the pinned ones, with the least movement. */
export function scrollToShow(
  c: ColumnState,
  left: number,
  pinnedWidth: number,
  scrollLeft: number,
  width: number,
): number {
  if (c.pinned) return scrollLeft;
  if (left < scrollLeft + pinnedWidth) return Math.max(0, left - pinnedWidth);
  if (left + c.width > scrollLeft + width)
    return Math.min(left + c.width - width, Math.max(0, left - pinnedWidth));
  return scrollLeft;
}
