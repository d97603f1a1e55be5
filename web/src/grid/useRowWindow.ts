import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type RefObject } from 'react';
import {
  offsetToShow,
  onScroll,
  pageRows,
  rowWindow,
  settle,
  spaceHeight,
  type WindowState,
} from './model/window';

interface Options {
  scroller: RefObject<HTMLDivElement | null>;
  rowCount: number;
  rowHeight: number;
  headerHeight: number;
}

export interface RowWindowApi {
  first: number;
  last: number;
  shift: number;
  space: number;
  /** Width of the frame in px. */
  width: number;
  onScroll: () => void;
  /** Brings a row into view. */
  show: (row: number) => void;
  toTop: () => void;
  /** The first row wholly on screen. */
  top: () => number;
  page: () => number;
}

const SETTLE_AFTER = 160;

/** Binds the window model to a scrolling element. Re-renders only when other rows come on screen. */
export function useRowWindow({ scroller, rowCount, rowHeight, headerHeight }: Options): RowWindowApi {
  const [size, setSize] = useState({ width: 0, height: 600 });
  const input = useMemo(
    () => ({ rowCount, rowHeight, viewport: Math.max(rowHeight, size.height - headerHeight), overscan: 8 }),
    [rowCount, rowHeight, headerHeight, size.height],
  );
  const state = useRef<WindowState>({ scrollTop: 0, offset: 0 });
  const [win, setWin] = useState(() => rowWindow(input, state.current));
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(input);
  latest.current = input;

  const publish = useCallback(() => {
    const next = rowWindow(latest.current, state.current);
    setWin((old) =>
      old.first === next.first && old.last === next.last && old.shift === next.shift ? old : next,
    );
  }, []);

  useLayoutEffect(() => {
    const el = scroller.current;
    if (!el) return;
    const measure = () =>
      setSize((old) =>
        old.width === el.clientWidth && old.height === el.clientHeight
          ? old
          : { width: el.clientWidth, height: el.clientHeight },
      );
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(el);
    return () => watch.disconnect();
  }, [scroller]);

  const place = useCallback(() => {
    const el = scroller.current;
    state.current = settle(latest.current, state.current);
    if (el && Math.abs(el.scrollTop - state.current.scrollTop) > 1) el.scrollTop = state.current.scrollTop;
    publish();
  }, [publish, scroller]);

  useLayoutEffect(() => place(), [input, place]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const handleScroll = useCallback(() => {
    const el = scroller.current;
    if (!el || Math.abs(el.scrollTop - state.current.scrollTop) < 0.5) return;
    state.current = onScroll(latest.current, state.current, el.scrollTop);
    publish();
    clearTimeout(timer.current);
    timer.current = setTimeout(place, SETTLE_AFTER);
  }, [place, publish, scroller]);

  const show = useCallback(
    (row: number) => {
      const offset = offsetToShow(latest.current, state.current.offset, row);
      if (offset === state.current.offset) return;
      state.current = { ...state.current, offset };
      place();
    },
    [place],
  );
  const toTop = useCallback(() => {
    state.current = { scrollTop: 0, offset: 0 };
    place();
  }, [place]);
  const top = useCallback(() => Math.ceil(state.current.offset / latest.current.rowHeight), []);
  const page = useCallback(() => pageRows(latest.current), []);

  return useMemo(
    () => ({
      ...win,
      space: spaceHeight(input),
      width: size.width,
      onScroll: handleScroll,
      show,
      toTop,
      top,
      page,
    }),
    [win, input, size.width, handleScroll, show, toTop, top, page],
  );
}
