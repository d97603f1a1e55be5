import { useCallback, useLayoutEffect, useMemo, useState, type RefObject } from 'react';
import { columnWindow, scrollToShow, type ColumnState } from './model/columns';

/** Which unpinned columns are on screen, and how to bring one there. */
export function useColWindow(
  scroller: RefObject<HTMLDivElement | null>,
  vis: ColumnState[],
  place: { left: number[]; pinnedWidth: number },
  width: number,
) {
  const measure = useCallback(
    () => columnWindow(vis, place.left, place.pinnedWidth, scroller.current?.scrollLeft ?? 0, width),
    [vis, place, width, scroller],
  );
  const [win, setWin] = useState<[number, number]>(measure);
  const onScroll = useCallback(() => {
    const next = measure();
    setWin((old) => (old[0] === next[0] && old[1] === next[1] ? old : next));
  }, [measure]);
  useLayoutEffect(onScroll, [onScroll]);

  const show = useCallback(
    (i: number) => {
      const el = scroller.current;
      const c = vis[i];
      if (!el || !c) return;
      const to = scrollToShow(c, place.left[i]!, place.pinnedWidth, el.scrollLeft, width);
      if (to !== el.scrollLeft) el.scrollLeft = to;
    },
    [scroller, vis, place, width],
  );
  return useMemo(() => ({ first: win[0], last: win[1], onScroll, show }), [win, onScroll, show]);
}
