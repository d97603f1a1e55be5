import { useCallback, useEffect, useMemo, useRef } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import { applyPreference, defaultColumns, toPreference, type ColumnState } from './model/columns';
import type { FieldDef, GridRow } from './model/types';
import type { ListSource } from './source';

const SAVE_AFTER = 700;

export interface ColumnsModel {
  fields: FieldDef[] | undefined;
  byName: Map<string, FieldDef>;
  columns: ColumnState[];
  setColumns: (next: ColumnState[]) => void;
  reset: () => void;
  error: unknown;
  retry: () => void;
}

async function loadPreference(key: string, signal: AbortSignal): Promise<unknown> {
  try {
    return (await api.get<unknown>(`/preferences/${key}`, { signal })) ?? null;
  } catch (error) {
    // Nothing remembered yet, or it cannot be had: the defaults serve.
    if (isApiError(error)) return null;
    throw error;
  }
}

/** The fields of a list with labels in the reader's language. */
export function useFields<T extends GridRow>(
  target: string,
  source: ListSource<T>,
  refine?: (field: FieldDef) => FieldDef,
) {
  const { t } = useTranslation();
  const q = useQuery({
    queryKey: ['fields', target],
    queryFn: ({ signal }) => source.fields(signal),
    staleTime: 60_000,
  });
  const fields = useMemo(() => {
    if (!q.data) return undefined;
    // What is hidden from the reader is no column, and nothing to filter by.
    return q.data
      .filter((f) => !f.masked)
      .map((f): FieldDef => {
        if (f.custom) return f;
        const named = {
          ...f,
          label: t([`grid.listFields.${target}.${f.name}`, `grid.fields.${f.name}`], {
            defaultValue: f.label,
          }),
          choices: f.choices?.map((c) => ({
            value: c.value,
            label: t(
              [`grid.listChoices.${target}.${f.name}.${c.value}`, `grid.choices.${f.name}.${c.value}`],
              {
                defaultValue: c.label,
              },
            ),
          })),
        };
        return refine ? refine(named) : named;
      });
  }, [q.data, t, target, refine]);
  return { fields, error: q.error, retry: () => void q.refetch() };
}

/** The columns of a list as this person left them; changes are saved by themselves. */
export function useColumns<T extends GridRow>(
  target: string,
  source: ListSource<T>,
  pinned: string[],
  refine?: (field: FieldDef) => FieldDef,
): ColumnsModel {
  const { fields, error, retry } = useFields(target, source, refine);
  const key = `grid.${target}`;
  const pref = useQuery({
    queryKey: ['preferences', key],
    queryFn: ({ signal }) => loadPreference(key, signal),
    staleTime: Infinity,
  });
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const pending = useRef<unknown>(undefined);
  const pinnedKey = pinned.join(',');
  const defaults = useMemo(
    () => (fields ? defaultColumns(fields, pinnedKey ? pinnedKey.split(',') : []) : []),
    [fields, pinnedKey],
  );
  const columns = useMemo(() => {
    if (!fields || pref.isPending) return [];
    return applyPreference(defaults, pref.data);
  }, [fields, defaults, pref.isPending, pref.data]);
  const byName = useMemo(() => new Map((fields ?? []).map((f) => [f.name, f])), [fields]);

  const flush = useCallback(() => {
    clearTimeout(timer.current);
    if (pending.current === undefined) return;
    const body = pending.current;
    pending.current = undefined;
    // What a person did to columns is a comfort: when it cannot be saved, it still holds for this page.
    api.put(`/preferences/${key}`, body).catch(() => undefined);
  }, [key]);
  useEffect(() => flush, [flush]);

  const save = useCallback(
    (body: unknown) => {
      client.setQueryData(['preferences', key], body);
      pending.current = body;
      clearTimeout(timer.current);
      timer.current = setTimeout(flush, SAVE_AFTER);
    },
    [client, flush, key],
  );
  const setColumns = useCallback(
    (next: ColumnState[]) => {
      save(toPreference(next));
    },
    [save],
  );
  const reset = useCallback(() => save({}), [save]);

  return { fields, byName, columns, setColumns, reset, error, retry };
}
