import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CellRenderers } from './DataGrid';
import type { ColumnState } from './model/columns';
import type { FieldDef, GridRow } from './model/types';
import type { ColumnsModel } from './useColumns';

/** The column of buttons has a name that no field of a list can have. */
const NAME = '_actions';

export const isField = (f: FieldDef) => f.name !== NAME;

/** Adds the column of a row's buttons behind the columns of fields; what people do to columns leaves it alone. */
export function useRowActions<T extends GridRow>(
  cols: ColumnsModel,
  draw: ((row: T) => ReactNode) | undefined,
  width = 110,
  renderers?: CellRenderers<T>,
) {
  const { t } = useTranslation();
  const label = t('action.actions');
  const has = !!draw;
  const byName = useMemo(() => {
    if (!has) return cols.byName;
    const field: FieldDef = { name: NAME, label, type: 'text', sortable: false, filterable: false };
    return new Map([...cols.byName, [NAME, field] as const]);
  }, [cols.byName, has, label]);
  const columns = useMemo(() => {
    if (!has || cols.columns.length === 0) return cols.columns;
    return [...cols.columns, { name: NAME, width, hidden: false, pinned: false }];
  }, [cols.columns, has, width]);
  const setColumns = (next: ColumnState[]) => cols.setColumns(next.filter((c) => c.name !== NAME));
  return {
    byName,
    columns,
    setColumns,
    renderers: draw ? { ...renderers, [NAME]: (row: T) => draw(row) } : renderers,
  };
}
