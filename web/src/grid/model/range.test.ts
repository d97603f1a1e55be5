import { describe, expect, it } from 'vitest';
import { contains, emptyRange, moveTo, rangeSize, rectangle, selectAll, target } from './range';

const b = { rows: 100, cols: 5 };

describe('cell range', () => {
  it('grows from its anchor in any direction', () => {
    let s = moveTo(emptyRange, { row: 10, col: 2 }, b);
    s = moveTo(s, { row: 7, col: 4 }, b, true);
    expect(rectangle(s)).toEqual({ top: 7, bottom: 10, left: 2, right: 4 });
    expect(rangeSize(rectangle(s))).toEqual({ rows: 4, cols: 3, cells: 12 });
    expect(contains(rectangle(s), 8, 3)).toBe(true);
    expect(contains(rectangle(s), 11, 3)).toBe(false);
  });

  it('stays within the list', () => {
    expect(moveTo(emptyRange, { row: 1000, col: -3 }, b).head).toEqual({ row: 99, col: 0 });
  });

  it('selects everything, and nothing of an empty list', () => {
    expect(rangeSize(rectangle(selectAll(emptyRange, b))).cells).toBe(500);
    expect(selectAll(emptyRange, { rows: 0, cols: 5 })).toBe(emptyRange);
  });

  it('knows the movement keys', () => {
    const at = { row: 50, col: 2 };
    const go = (key: string, ctrl = false) => target(at, { key, ctrl, shift: false, page: 20 }, b);
    expect(go('ArrowDown')).toEqual({ row: 51, col: 2 });
    expect(go('ArrowDown', true)).toEqual({ row: 99, col: 2 });
    expect(go('Home')).toEqual({ row: 50, col: 0 });
    expect(go('End', true)).toEqual({ row: 99, col: 4 });
    expect(go('PageUp')).toEqual({ row: 30, col: 2 });
    expect(go('a')).toBeNull();
  });
});
