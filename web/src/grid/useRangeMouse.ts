import { useEffect, useRef, type MouseEvent, type PointerEvent, type RefObject } from 'react';
import type { MenuAt } from './GridMenu';
import { contains, moveTo, rectangle, type Bounds, type RangeState } from './model/range';
import type { CellPos } from './model/types';
import type { RowWindowApi } from './useRowWindow';

interface Options {
  scroller: RefObject<HTMLDivElement | null>;
  range: RangeState;
  setRange: (r: RangeState) => void;
  setHeadCol: (c: number | null) => void;
  bounds: Bounds;
  win: RowWindowApi;
  onOpen: (row: number) => void;
  setMenu: (m: MenuAt) => void;
}

/** The cell under a point of the screen. */
function cellOf(el: Element | null): CellPos | null {
  const cell = el?.closest<HTMLElement>('[data-col]');
  const row = cell?.closest<HTMLElement>('[data-row]');
  if (!cell || !row) return null;
  return { row: Number(row.dataset.row), col: Number(cell.dataset.col) };
}

const EDGE = 28;

/** Cell ranges by dragging. A finger scrolls; it only chooses a single cell. */
export function useRangeMouse(o: Options) {
  const latest = useRef(o);
  latest.current = o;
  const drag = useRef<{
    state: RangeState;
    timer: ReturnType<typeof setInterval> | undefined;
    x: number;
    y: number;
  } | null>(null);

  const stop = useRef(() => {
    if (drag.current) clearInterval(drag.current.timer);
    drag.current = null;
  });
  useEffect(() => {
    const end = stop.current;
    const move = (e: globalThis.PointerEvent) => {
      const d = drag.current;
      if (!d) return;
      d.x = e.clientX;
      d.y = e.clientY;
      extend();
    };
    const extend = () => {
      const d = drag.current;
      const el = latest.current.scroller.current;
      if (!d || !el) return;
      const box = el.getBoundingClientRect();
      const x = Math.min(Math.max(d.x, box.left + 2), box.right - 18);
      const y = Math.min(Math.max(d.y, box.top + 40), box.top + el.clientHeight - 3);
      const at = cellOf(document.elementFromPoint(x, y));
      if (!at) return;
      const next = moveTo(d.state, at, latest.current.bounds, true);
      if (next.head!.row === d.state.head?.row && next.head!.col === d.state.head?.col) return;
      d.state = next;
      latest.current.setRange(next);
    };
    const auto = () => {
      const d = drag.current;
      const el = latest.current.scroller.current;
      if (!d || !el) return;
      const box = el.getBoundingClientRect();
      const dy = d.y < box.top + 36 + EDGE / 4 ? -1 : d.y > box.bottom - EDGE ? 1 : 0;
      const dx = d.x < box.left + EDGE ? -1 : d.x > box.right - EDGE ? 1 : 0;
      if (dy) el.scrollTop += dy * 34;
      if (dx) el.scrollLeft += dx * 24;
      if (dx || dy) extend();
    };
    autoScroll.current = auto;
    window.addEventListener('pointermove', move);
    window.addEventListener('pointerup', end);
    window.addEventListener('pointercancel', end);
    window.addEventListener('blur', end);
    return () => {
      window.removeEventListener('pointermove', move);
      window.removeEventListener('pointerup', end);
      window.removeEventListener('pointercancel', end);
      window.removeEventListener('blur', end);
      end();
    };
  }, []);
  const autoScroll = useRef<() => void>(() => undefined);

  return {
    onPointerDown: (e: PointerEvent<HTMLDivElement>) => {
      const target = e.target as Element;
      if (target.closest('input, button')) return;
      const at = cellOf(target);
      if (!at || e.button !== 0) return;
      o.setHeadCol(null);
      const next = moveTo(o.range, at, o.bounds, e.shiftKey);
      o.setRange(next);
      if (e.pointerType === 'touch') return;
      // Dragging chooses cells, not text; the grid keeps the focus.
      if (!target.closest('a')) e.preventDefault();
      o.scroller.current?.focus({ preventScroll: true });
      drag.current = {
        state: next,
        x: e.clientX,
        y: e.clientY,
        timer: setInterval(() => autoScroll.current(), 60),
      };
    },
    onDoubleClick: (e: MouseEvent<HTMLDivElement>) => {
      const at = cellOf(e.target as Element);
      if (at && !(e.target as Element).closest('a, input, button')) o.onOpen(at.row);
    },
    onContextMenu: (e: MouseEvent<HTMLDivElement>) => {
      const target = e.target as Element;
      const head = target.closest<HTMLElement>('[data-head]');
      if (head) {
        e.preventDefault();
        o.setMenu({ x: e.clientX, y: e.clientY, header: Number(head.dataset.head) });
        return;
      }
      const at = cellOf(target);
      if (!at) return;
      e.preventDefault();
      if (!contains(rectangle(o.range), at.row, at.col)) o.setRange({ anchor: at, head: at });
      o.setHeadCol(null);
      o.setMenu({ x: e.clientX, y: e.clientY, header: null });
    },
  };
}
