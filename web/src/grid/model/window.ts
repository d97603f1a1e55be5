/**
 * The window model: which rows are in the DOM for a scroll position, on a list of any length.
 *
 * Browsers cap the height of an element (17 to 33 million px), so the scroll space is capped at MAX_SPACE and a real
 * offset is kept beside the scrollbar's. Small movements (wheel, keys, touch) move the real offset one to one; big
 * ones (dragging the scrollbar) map in proportion; when it stands still the scrollbar is put where the offset says.
 */

/** Tallest scroll space we ask a browser for, in px. */
export const MAX_SPACE = 12_000_000;

export interface WindowInput {
  rowCount: number;
  rowHeight: number;
  /** Height in px in which rows show (without the sticky header). */
  viewport: number;
  overscan?: number;
}

export interface WindowState {
  /** The scrollbar's position in px. */
  scrollTop: number;
  /** The real offset in px into rowCount * rowHeight. */
  offset: number;
}

export interface RowWindow {
  first: number;
  /** Exclusive. */
  last: number;
  /** A row stands at index * rowHeight + shift; 0 as long as the list fits into the scroll space. */
  shift: number;
}

export function realHeight(i: WindowInput): number {
  return i.rowCount * i.rowHeight;
}

export function spaceHeight(i: WindowInput): number {
  return Math.min(realHeight(i), MAX_SPACE);
}

export function maxOffset(i: WindowInput): number {
  return Math.max(0, realHeight(i) - i.viewport);
}

export function maxScroll(i: WindowInput): number {
  return Math.max(0, spaceHeight(i) - i.viewport);
}

export function isScaled(i: WindowInput): boolean {
  return realHeight(i) > MAX_SPACE;
}

const clamp = (n: number, min: number, max: number) => Math.min(Math.max(n, min), max);

/** The state after the scrollbar moved to `scrollTop`. */
export function onScroll(i: WindowInput, prev: WindowState, scrollTop: number): WindowState {
  const top = clamp(scrollTop, 0, maxScroll(i));
  if (!isScaled(i)) return { scrollTop: top, offset: top };
  if (top <= 0) return { scrollTop: top, offset: 0 };
  if (top >= maxScroll(i)) return { scrollTop: top, offset: maxOffset(i) };
  const delta = top - prev.scrollTop;
  const offset =
    Math.abs(delta) <= i.viewport * 1.5 ? prev.offset + delta : (top / maxScroll(i)) * maxOffset(i);
  return { scrollTop: top, offset: clamp(offset, 0, maxOffset(i)) };
}

/** Where the scrollbar belongs for a real offset. */
export function scrollFor(i: WindowInput, offset: number): number {
  const max = maxOffset(i);
  if (!isScaled(i) || max === 0) return clamp(offset, 0, max);
  return (clamp(offset, 0, max) / max) * maxScroll(i);
}

export function settle(i: WindowInput, s: WindowState): WindowState {
  const offset = clamp(s.offset, 0, maxOffset(i));
  return { offset, scrollTop: scrollFor(i, offset) };
}

export function rowWindow(i: WindowInput, s: WindowState): RowWindow {
  const over = i.overscan ?? 6;
  const first = clamp(Math.floor(s.offset / i.rowHeight) - over, 0, Math.max(0, i.rowCount - 1));
  const last = clamp(Math.ceil((s.offset + i.viewport) / i.rowHeight) + over, 0, i.rowCount);
  return { first, last, shift: isScaled(i) ? s.scrollTop - s.offset : 0 };
}

/** The real offset that brings a row wholly into view with the least movement, or the same when it is. */
export function offsetToShow(i: WindowInput, offset: number, row: number): number {
  const top = row * i.rowHeight;
  if (top < offset) return clamp(top, 0, maxOffset(i));
  if (top + i.rowHeight > offset + i.viewport) return clamp(top + i.rowHeight - i.viewport, 0, maxOffset(i));
  return offset;
}

/** Rows that one PageUp or PageDown moves. */
export function pageRows(i: WindowInput): number {
  return Math.max(1, Math.floor(i.viewport / i.rowHeight) - 1);
}
