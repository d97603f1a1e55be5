/** Rows ticked by checkbox. Survives paging and sorting; "all that match" is a flag with exceptions, not a list. */

export interface RowSelection {
  mode: 'some' | 'all';
  /** Ticked ids in mode `some`; unticked ids in mode `all`. */
  ids: ReadonlySet<string>;
}

export const noSelection: RowSelection = { mode: 'some', ids: new Set() };

export const isSelected = (s: RowSelection, id: string) => (s.mode === 'all') !== s.ids.has(id);

export function toggle(s: RowSelection, ids: string[], on: boolean): RowSelection {
  const next = new Set(s.ids);
  const add = (s.mode === 'some') === on;
  for (const id of ids) {
    if (add) next.add(id);
    else next.delete(id);
  }
  return { mode: s.mode, ids: next };
}

export const selectAllMatching = (): RowSelection => ({ mode: 'all', ids: new Set() });

/** How many rows are selected of `total`. */
export const selectedCount = (s: RowSelection, total: number) =>
  s.mode === 'some' ? s.ids.size : Math.max(0, total - s.ids.size);

export const isEmpty = (s: RowSelection, total = Infinity) => selectedCount(s, total) === 0;
