import { useCallback, useMemo } from 'react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ListQuery } from './model/types';
import { queryToSearch, searchToQuery, validateListSearch, type ListSearch } from './model/urlState';

export interface ListState {
  query: ListQuery;
  /** Id of the chosen view, 'all' when it was cleared on purpose. */
  view: string | undefined;
  /** True when the address says nothing: a default view may be applied. */
  bare: boolean;
  /** Writes a new state into the address. Each call is a step for Back unless `replace` is set. */
  set: (patch: Partial<ListQuery> & { view?: string | null }, o?: { replace?: boolean }) => void;
}

/** The state of a list lives in the address and nowhere else. */
export function useListState(): ListState {
  const raw = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const text = JSON.stringify(raw);
  const search = useMemo<ListSearch>(
    () => validateListSearch(JSON.parse(text) as Record<string, unknown>),
    [text],
  );
  const query = useMemo(() => searchToQuery(search), [search]);

  const set = useCallback<ListState['set']>(
    (patch, o) => {
      const { view, ...rest } = patch;
      const nextView = view === undefined ? search.view : (view ?? undefined);
      const next = queryToSearch({ ...searchToQuery(search), ...rest }, nextView);
      void navigate({ to: '.', search: next as never, replace: o?.replace ?? false });
    },
    [navigate, search],
  );

  return { query, view: search.view, bare: Object.keys(search).length === 0, set };
}
