import { describe, expect, it } from 'vitest';
import {
  MAX_SPACE,
  maxOffset,
  maxScroll,
  offsetToShow,
  onScroll,
  rowWindow,
  settle,
  spaceHeight,
} from './window';

const small = { rowCount: 1000, rowHeight: 40, viewport: 400 };
const huge = { rowCount: 5_000_000, rowHeight: 40, viewport: 400 };

describe('window model', () => {
  it('follows the scrollbar exactly while the list fits', () => {
    const s = onScroll(small, { scrollTop: 0, offset: 0 }, 4000);
    expect(s).toEqual({ scrollTop: 4000, offset: 4000 });
    const w = rowWindow(small, s);
    expect(w.first).toBe(94);
    expect(w.last).toBe(116);
    expect(w.shift).toBe(0);
  });

  it('caps the scroll space', () => {
    expect(spaceHeight(huge)).toBe(MAX_SPACE);
    expect(maxScroll(huge)).toBe(MAX_SPACE - 400);
  });

  it('moves one to one on small movements and in proportion on big ones', () => {
    let s = { scrollTop: 0, offset: 0 };
    s = onScroll(huge, s, 120);
    expect(s.offset).toBe(120);
    s = onScroll(huge, s, maxScroll(huge) / 2);
    expect(Math.abs(s.offset - maxOffset(huge) / 2)).toBeLessThan(1);
  });

  it('reaches both ends', () => {
    const end = onScroll(huge, { scrollTop: 0, offset: 0 }, MAX_SPACE);
    expect(rowWindow(huge, end).last).toBe(5_000_000);
    const start = onScroll(huge, end, 0);
    expect(rowWindow(huge, start).first).toBe(0);
  });

  it('keeps every coordinate within what layout can hold, at any offset', () => {
    for (let k = 0; k <= 100; k++) {
      const s = settle(huge, { scrollTop: 0, offset: (maxOffset(huge) * k) / 100 });
      const w = rowWindow(huge, s);
      const y = w.first * huge.rowHeight + w.shift;
      expect(y).toBeLessThanOrEqual(MAX_SPACE);
      // The first row on screen stands where the viewport is.
      const onScreen = Math.floor(s.offset / 40);
      const at = onScreen * 40 + w.shift - s.scrollTop;
      expect(at).toBeLessThanOrEqual(0.001);
      expect(at).toBeGreaterThan(-40.001);
    }
  });

  it('does not move the picture when it settles', () => {
    const s = onScroll(huge, { scrollTop: 1000, offset: 50_000 }, 1100);
    const t = settle(huge, s);
    expect(t.offset).toBe(s.offset);
    const a = rowWindow(huge, s);
    const b = rowWindow(huge, t);
    expect(a.shift - s.scrollTop).toBeCloseTo(b.shift - t.scrollTop, 3);
  });

  it('shows a row with the least movement', () => {
    expect(offsetToShow(small, 0, 5)).toBe(0);
    expect(offsetToShow(small, 0, 10)).toBe(40);
    expect(offsetToShow(small, 4000, 50)).toBe(2000);
    expect(offsetToShow(small, 0, 999)).toBe(maxOffset(small));
  });

  it('has no rows for an empty list', () => {
    const w = rowWindow({ ...small, rowCount: 0 }, { scrollTop: 0, offset: 0 });
    expect(w.first).toBe(0);
    expect(w.last).toBe(0);
  });
});
