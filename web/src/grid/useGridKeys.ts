import type { KeyboardEvent } from 'react';
import { moveBy, resize, type ColumnState } from './model/columns';
import { moveTo, selectAll, target, type Bounds, type RangeState } from './model/range';
import type { FieldDef } from './model/types';
import type { ExportFormat } from './source';
import type { RowWindowApi } from './useRowWindow';

interface Options {
  bounds: Bounds;
  range: RangeState;
  setRange: (r: RangeState) => void;
  headCol: number | null;
  setHeadCol: (c: number | null) => void;
  columns: ColumnState[];
  vis: ColumnState[];
  fields: Map<string, FieldDef>;
  win: RowWindowApi;
  onColumns: (next: ColumnState[]) => void;
  onSort: (field: string, add: boolean) => void;
  onCopy: (headers: boolean) => void;
  onExport: (format: ExportFormat) => void;
  onOpen: (row: number) => void;
  onToggleRow: (row: number) => void;
  onToggleAll: () => void;
  onMenu: () => void;
}

const STEP = 16;

/** Every key of the grid. Keys it does not know go on to the page. */
export function useGridKeys(o: Options) {
  return (e: KeyboardEvent<HTMLDivElement>) => {
    if (e.target !== e.currentTarget) return;
    const ctrl = e.ctrlKey || e.metaKey;
    const done = o.headCol !== null ? headerKey(e, ctrl, o) : bodyKey(e, ctrl, o);
    if (done) {
      e.preventDefault();
      e.stopPropagation();
    }
  };
}

const isMenuKey = (e: KeyboardEvent) => e.key === 'ContextMenu' || (e.key === 'F10' && e.shiftKey);

function headerKey(e: KeyboardEvent, ctrl: boolean, o: Options): boolean {
  const at = Math.min(o.headCol!, o.vis.length - 1);
  const col = o.vis[at];
  if (!col) return false;
  const sideways = e.key === 'ArrowLeft' ? -1 : e.key === 'ArrowRight' ? 1 : 0;
  if (isMenuKey(e)) {
    o.onMenu();
    return true;
  }
  if (sideways && e.altKey && e.shiftKey) {
    o.onColumns(resize(o.columns, col.name, col.width + sideways * STEP));
    return true;
  }
  if (sideways && e.altKey) {
    const next = moveBy(o.columns, col.name, sideways as -1 | 1);
    if (next !== o.columns) {
      o.onColumns(next);
      o.setHeadCol(at + sideways);
    }
    return true;
  }
  switch (e.key) {
    case 'ArrowLeft':
    case 'ArrowRight':
      o.setHeadCol(Math.min(Math.max(at + sideways, 0), o.vis.length - 1));
      return true;
    case 'Home':
      o.setHeadCol(0);
      return true;
    case 'End':
      o.setHeadCol(o.vis.length - 1);
      return true;
    case 'ArrowDown': {
      if (o.bounds.rows === 0) return true;
      o.setHeadCol(null);
      const row = ctrl ? o.bounds.rows - 1 : o.win.top();
      o.setRange(moveTo(o.range, { row, col: at }, o.bounds));
      o.win.show(row);
      return true;
    }
    case 'Enter':
      if (o.fields.get(col.name)?.sortable) o.onSort(col.name, e.shiftKey);
      return true;
    case ' ':
      o.onToggleAll();
      return true;
    default:
      return false;
  }
}

function bodyKey(e: KeyboardEvent, ctrl: boolean, o: Options): boolean {
  const head = o.range.head;
  if (isMenuKey(e)) {
    o.onMenu();
    return true;
  }
  if (ctrl && e.key.toLowerCase() === 'a') {
    o.setRange(selectAll(o.range, o.bounds));
    return true;
  }
  if (!head) return false;
  if (ctrl && e.key.toLowerCase() === 'c') {
    o.onCopy(e.shiftKey);
    return true;
  }
  if (ctrl && e.key.toLowerCase() === 's') {
    o.onExport(e.shiftKey ? 'xlsx' : 'csv');
    return true;
  }
  if (e.key === 'Enter') {
    o.onOpen(head.row);
    return true;
  }
  if (e.key === ' ') {
    o.onToggleRow(head.row);
    return true;
  }
  if (e.key === 'Escape') {
    const many = o.range.anchor && (o.range.anchor.row !== head.row || o.range.anchor.col !== head.col);
    if (many) o.setRange({ anchor: head, head });
    return !!many;
  }
  if (e.altKey) return false;
  const to = target(head, { key: e.key, ctrl, shift: e.shiftKey, page: o.win.page() }, o.bounds);
  if (!to) return false;
  if (to.row < 0 && head.row === 0 && e.key === 'ArrowUp' && !e.shiftKey) {
    o.setHeadCol(head.col);
    return true;
  }
  const next = moveTo(o.range, to, o.bounds, e.shiftKey);
  o.setRange(next);
  if (next.head) o.win.show(next.head.row);
  return true;
}
