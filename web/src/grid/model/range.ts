/** The cell range model: one rectangle, an anchor where it began and a head that moves, as spreadsheets have it. */
import type { CellPos, CellRange } from './types';

export interface RangeState {
  /** Where the range began; null when nothing was selected yet. */
  anchor: CellPos | null;
  /** The active cell. */
  head: CellPos | null;
}

export interface Bounds {
  rows: number;
  cols: number;
}

export const emptyRange: RangeState = { anchor: null, head: null };

const clamp = (n: number, max: number) => Math.min(Math.max(n, 0), Math.max(0, max));

export function clampPos(p: CellPos, b: Bounds): CellPos {
  return { row: clamp(p.row, b.rows - 1), col: clamp(p.col, b.cols - 1) };
}

/** Makes one cell active; with `extend` the anchor stays. */
export function moveTo(s: RangeState, to: CellPos, b: Bounds, extend = false): RangeState {
  const head = clampPos(to, b);
  return { anchor: extend && s.anchor ? s.anchor : head, head };
}

export function rectangle(s: RangeState): CellRange | null {
  if (!s.anchor || !s.head) return null;
  return {
    top: Math.min(s.anchor.row, s.head.row),
    bottom: Math.max(s.anchor.row, s.head.row),
    left: Math.min(s.anchor.col, s.head.col),
    right: Math.max(s.anchor.col, s.head.col),
  };
}

export function rangeSize(r: CellRange | null): { rows: number; cols: number; cells: number } {
  if (!r) return { rows: 0, cols: 0, cells: 0 };
  const rows = r.bottom - r.top + 1;
  const cols = r.right - r.left + 1;
  return { rows, cols, cells: rows * cols };
}

export function contains(r: CellRange | null, row: number, col: number): boolean {
  return !!r && row >= r.top && row <= r.bottom && col >= r.left && col <= r.right;
}

export function selectAll(s: RangeState, b: Bounds): RangeState {
  if (b.rows === 0 || b.cols === 0) return s;
  // The active cell is the first, so that nothing scrolls.
  return { anchor: { row: b.rows - 1, col: b.cols - 1 }, head: { row: 0, col: 0 } };
}

export interface MoveKey {
  key: string;
  ctrl: boolean;
  shift: boolean;
  /** Rows in a page, for PageUp and PageDown. */
  page: number;
}

/** Where a movement key leads from the head, or null when it is no movement key. */
export function target(head: CellPos, k: MoveKey, b: Bounds): CellPos | null {
  const { row, col } = head;
  switch (k.key) {
    case 'ArrowUp':
      return { row: k.ctrl ? 0 : row - 1, col };
    case 'ArrowDown':
      return { row: k.ctrl ? b.rows - 1 : row + 1, col };
    case 'ArrowLeft':
      return { row, col: k.ctrl ? 0 : col - 1 };
    case 'ArrowRight':
      return { row, col: k.ctrl ? b.cols - 1 : col + 1 };
    case 'Home':
      return k.ctrl ? { row: 0, col: 0 } : { row, col: 0 };
    case 'End':
      return k.ctrl ? { row: b.rows - 1, col: b.cols - 1 } : { row, col: b.cols - 1 };
    case 'PageUp':
      return { row: row - k.page, col };
    case 'PageDown':
      return { row: row + k.page, col };
    default:
      return null;
  }
}
