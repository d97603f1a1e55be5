/**
 * A whole list page: heading, views, search, filter, grid, selection. Lists of every wing use it.
 *
 * The state (words, filter, sort, view) is in the address; columns are per person; the selection lives as long as the
 * page. What a list can do beside that comes in as `actions` and `bulkActions`.
 */
import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react';
import { Button } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';
import { IconAlertTriangle, IconFilterOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useAgain } from '@/app/again';
import { useChanges } from '@/app/events';
import { useFormats } from '@/i18n/format';
import { PageHeader } from '@/ui/PageHeader';
import { problemText } from '@/ui/ProblemAlert';
import { DataGrid, type CellExport, type CellRenderers } from './DataGrid';
import { GridMessage } from './GridMessage';
import classes from './list.module.css';
import { ListToolbar } from './ListToolbar';
import { copyText } from './clipboard';
import { applyPreference, visibleColumns } from './model/columns';
import { toCsv } from './model/csv';
import { andWith, prune } from './model/filter';
import { cellValue, copyCell, formatInt, type FormatContext } from './model/format';
import { PageStore } from './model/pages';
import { noSelection, selectedCount, type RowSelection } from './model/selection';
import { toTsv } from './model/tsv';
import type { FieldDef, FilterGroup, GridRow, ListQuery, SortKey } from './model/types';
import { nextSort, queryKey, writeSort } from './model/urlState';
import { restSource, saveBlob, type ExportFormat, type ListSource } from './source';
import { newCondition } from './FilterBuilder';
import { isField, useRowActions } from './rowActions';
import { useColumns } from './useColumns';
import { useListState } from './useListState';
import { sameAsView, useViews, viewQuery, type View } from './useViews';
import { ViewPicker, type Preset } from './ViewPicker';
import { SelectionBar } from './SelectionBar';

/** What an action may know about the list it acts on. */
export interface ListContext<T extends GridRow = GridRow> {
  query: ListQuery;
  total: number;
  totalIsExact: boolean;
  fields: FieldDef[];
  selection: RowSelection;
  selected: number;
  /** Ticked rows that are in memory, for naming them. */
  selectedRows: T[];
  /** The selection as the API takes it: ids, or everything that matches (less what was unticked). */
  scope: () => { ids: string[] } | { filter: FilterGroup | null; q: string };
  /** Everything that matches, whatever is ticked. */
  filterScope: () => { filter: FilterGroup | null; q: string };
  clearSelection: () => void;
  refresh: () => void;
  exportFile: (format: ExportFormat, what: 'selection' | 'all') => void;
}

export interface ListPageProps<T extends GridRow = GridRow> {
  /** Name of the list: `/views?target=`, `/preferences/grid.<target>`. */
  target: string;
  title: string;
  text?: ReactNode;
  /** API path; `/<target>` when left out. */
  path?: string;
  source?: ListSource<T>;
  /** Columns that stay at the left at first. */
  pinned?: string[];
  renderers?: CellRenderers<T>;
  /** Where a row leads. */
  rowHref?: (row: T) => string | undefined;
  /** A button in the first cell of a row, in sight however the list is scrolled. */
  rowButton?: (row: T) => ReactNode;
  onOpen?: (row: T) => void;
  rowLabel?: (row: T) => string;
  selectable?: boolean;
  /** Field that tells rows apart in a filter, for "all but these". */
  idField?: string;
  views?: boolean;
  /** `/aggregate` and `/export` exist. */
  rich?: boolean;
  /** The list answers as text/csv; true when left out. */
  csv?: boolean;
  /** What this list knows of a field beside the server's word: choices, a type. Keep it stable. */
  refine?: (field: FieldDef) => FieldDef;
  /** Filters that are always at hand, as tabs before the saved views. */
  presets?: Preset[];
  /** Buttons at the end of each row; not a field: never sorted, copied or exported. */
  rowActions?: (row: T) => ReactNode;
  /** Room for them, in px. */
  rowActionsWidth?: number;
  mayExport?: boolean;
  searchLabel?: string;
  /** The list takes `q`; true when left out. */
  searchable?: boolean;
  /** Buttons of the heading. */
  actions?: (ctx: ListContext<T>) => ReactNode;
  /** Buttons beside "12 selected". */
  bulkActions?: (ctx: ListContext<T>) => ReactNode;
  /** Dialogs and the like. */
  children?: (ctx: ListContext<T>) => ReactNode;
  /** Shown when the list is empty without any filter. */
  empty?: ReactNode;
  /** Table whose changes on the server refresh the list; the target when left out. */
  changesTable?: string;
  /** Sort when the address says none. */
  defaultSort?: SortKey[];
  /** Always narrowed by this, unseen in the address. */
  params?: Record<string, string>;
  /** Inside another page: without heading, and of this height. */
  embedded?: { height: string };
}

const COPY_ROWS = 20_000;

export function ListPage<T extends GridRow = GridRow>(p: ListPageProps<T>) {
  const { t } = useTranslation();
  const { locale } = useFormats();
  const navigate = useNavigate();
  const small = useMediaQuery('(max-width: 40em)') ?? false;
  const paramsKey = JSON.stringify(p.params ?? {});
  const path = p.path ?? `/${p.target}`;
  const given = p.source;
  const source = useMemo(
    () =>
      given ??
      restSource<T>(path, {
        rich: p.rich,
        csv: p.csv,
        params: JSON.parse(paramsKey) as Record<string, string>,
      }),
    [given, path, p.rich, p.csv, paramsKey],
  );

  const state = useListState();
  const viewsOn = p.views !== false && !p.embedded;
  const views = useViews(p.target, viewsOn);
  const current = views.find(state.view);
  const cols = useColumns(p.target, source, p.pinned ?? [], p.refine);
  const shown = useRowActions(cols, p.rowActions, p.rowActionsWidth, p.renderers);
  const format = useMemo<FormatContext>(
    () => ({ locale, yes: t('state.yes'), no: t('state.no') }),
    [locale, t],
  );

  // An address that says nothing gets the default view, once. The rows wait for it only as long as it is not known.
  const applied = useRef(!state.bare);
  const waiting = viewsOn && state.bare && !applied.current && !views.settled;
  useEffect(() => {
    if (applied.current || !views.settled) return;
    applied.current = true;
    const standard =
      views.views.find((v) => v.default && v.mine && !v.masked) ??
      views.views.find((v) => v.default && !v.masked);
    if (standard && state.bare) state.set({ ...viewQuery(standard), view: standard.id }, { replace: true });
  }, [views.settled, views.views, state]);

  const sortKey = writeSort(p.defaultSort ?? []);
  const query = useMemo<ListQuery>(
    () => (state.query.sort.length || !sortKey ? state.query : { ...state.query, sort: p.defaultSort ?? [] }),
    [state.query, sortKey], // eslint-disable-line react-hooks/exhaustive-deps -- sortKey stands for the default sort
  );
  const key = queryKey(query);
  const latestQuery = useRef(query);
  latestQuery.current = query;
  const store = useMemo(() => {
    const asked = latestQuery.current;
    return new PageStore<T>((req) => source.fetchPage(asked, req));
  }, [source, key]); // eslint-disable-line react-hooks/exhaustive-deps -- key stands for the query
  useEffect(() => {
    store.open();
    return () => store.close();
  }, [store]);
  // The heading and the messages go by how many rows there are, not by which.
  useSyncExternalStore(store.subscribe, () => {
    const { known, count, exact } = store.getTotal();
    return `${known}/${count}/${exact}/${store.error() !== undefined}`;
  });

  const refresh = useCallback(() => store.refresh(), [store]);
  useAgain(refresh);
  const pendingRefresh = useRef<ReturnType<typeof setTimeout>>(undefined);
  const table = p.changesTable ?? p.target;
  useChanges(
    useCallback(
      (change) => {
        if (change.table !== table || pendingRefresh.current) return;
        pendingRefresh.current = setTimeout(() => {
          pendingRefresh.current = undefined;
          refresh();
        }, 1500);
      },
      [table, refresh],
    ),
  );
  useEffect(
    () => () => {
      clearTimeout(pendingRefresh.current);
      pendingRefresh.current = undefined;
    },
    [refresh],
  );

  const [selection, setSelection] = useState<RowSelection>(noSelection);
  const known = useRef(new Map<string, T>());
  // "All that match" means another thing when the filter changes.
  const matchKey = queryKey({ ...query, sort: [] });
  useEffect(() => {
    setSelection((s) => (s.mode === 'all' ? noSelection : s));
  }, [matchKey]);

  const [range, setRange] = useState<CellExport | null>(null);
  const [building, setBuilding] = useState(false);
  const [seed, setSeed] = useState<FilterGroup | null>(null);
  const total = store.getTotal();
  const everything = !query.q.trim() && !prune(query.filter);
  const colFields = useMemo(
    () => visibleColumns(cols.columns).flatMap((c) => cols.byName.get(c.name) ?? []),
    [cols.columns, cols.byName],
  );

  const say = (message: string, color?: string) => notifications.show({ message, color });
  const failed = (error: unknown) => say(problemText(error, t), 'red');

  const setSort = (field: string, add: boolean, desc?: boolean | null) => {
    const next = desc === undefined || desc === null ? nextSort(query.sort, field, add) : [{ field, desc }];
    state.set({ sort: next });
  };
  const pickView = (v: View | null) => {
    const bareAgain = views.views.some((x) => x.default);
    if (!v) {
      state.set({ q: '', filter: null, sort: [], view: bareAgain ? 'all' : null });
      return;
    }
    if (v.columns?.length)
      cols.setColumns(
        applyPreference(cols.columns, { columns: v.columns.map((c) => ({ ...c, pinned: !!c.pinned })) }),
      );
    state.set({ ...viewQuery(v), view: v.id });
  };

  const texts = async (from: number, to: number, all: FieldDef[], headers: boolean) => {
    const fields = all.filter(isField);
    const rows = await store.collect(from, to, new AbortController().signal);
    const body = rows.map((r) => fields.map((f) => copyCell(f, cellValue(r, f.name), format)));
    return headers ? [fields.map((f) => f.label), ...body] : body;
  };
  const copy = async (range: { from: number; to: number }, all: FieldDef[], headers: boolean) => {
    const fields = all.filter(isField);
    const rows = range.to - range.from;
    if (rows > COPY_ROWS) return say(t('grid.copyTooMany', { n: formatInt(COPY_ROWS, locale) }), 'yellow');
    try {
      const table = await texts(range.from, range.to, fields, headers);
      const done = await copyText(toTsv(table));
      if (done)
        say(t('grid.copied', { count: rows * fields.length, n: formatInt(rows * fields.length, locale) }));
      else say(t('grid.copyRefused'), 'red');
    } catch (error) {
      failed(error);
    }
  };
  const exportCells = async (req: CellExport) => {
    try {
      const columns = req.columns.filter(isField).map((f) => f.name);
      if (!req.rows) {
        await source.exportFile({ format: req.format, columns, query });
        return;
      }
      if (p.rich) {
        await source.exportFile({ format: req.format, columns, query, rows: req.rows });
        return;
      }
      if (req.rows.to - req.rows.from > COPY_ROWS)
        return say(t('grid.exportTooMany', { n: formatInt(COPY_ROWS, locale) }), 'yellow');
      const table = await texts(req.rows.from, req.rows.to, req.columns, true);
      saveBlob(new Blob([toCsv(table)], { type: 'text/csv' }), `${p.target}.csv`);
    } catch (error) {
      failed(error);
    }
  };

  const idField = p.idField ?? 'id';
  const ctx: ListContext<T> = {
    query,
    total: total.count,
    totalIsExact: total.exact,
    fields: cols.fields ?? [],
    selection,
    selected: selectedCount(selection, total.count),
    selectedRows:
      selection.mode === 'some' ? [...selection.ids].flatMap((id) => known.current.get(id) ?? []) : [],
    scope: () => {
      if (selection.mode === 'some') return { ids: [...selection.ids] };
      const but = [...selection.ids].map((id) =>
        String(cellValue(known.current.get(id) ?? ({ id } as T), idField) ?? id),
      );
      const filter = but.length
        ? andWith(prune(query.filter), { field: idField, op: 'nin', value: but })
        : prune(query.filter);
      return { filter, q: query.q.trim() };
    },
    filterScope: () => ({ filter: prune(query.filter), q: query.q.trim() }),
    clearSelection: () => setSelection(noSelection),
    refresh,
    exportFile: (fmt, what) => {
      const columns = colFields.map((f) => f.name);
      const scope = what === 'selection' ? ctx.scope() : null;
      const work =
        scope && 'ids' in scope
          ? source.exportFile({ format: fmt, columns, query, ids: scope.ids })
          : source.exportFile({
              format: fmt,
              columns,
              query: scope ? { ...query, filter: scope.filter } : query,
            });
      work.catch(failed);
    },
  };

  const openRow = useMemo(() => {
    if (p.onOpen) return p.onOpen;
    const href = p.rowHref;
    if (!href) return undefined;
    return (row: T) => {
      const to = href(row);
      if (to) void navigate({ to: to as never });
    };
  }, [p.onOpen, p.rowHref, navigate]);

  const fault = store.error() ?? cols.error;
  const nothing = everything ? (
    (p.empty ?? <GridMessage title={t('grid.emptyTitle')} />)
  ) : (
    <GridMessage
      icon={IconFilterOff}
      title={t('grid.noMatchTitle')}
      text={t('grid.noMatchText')}
      action={
        <Button variant="default" onClick={() => state.set({ q: '', filter: null, view: null })}>
          {t('grid.filter.clearAll')}
        </Button>
      }
    />
  );

  return (
    <div
      className={classes.root}
      style={p.embedded ? { height: p.embedded.height, minHeight: 320, margin: 0 } : undefined}
    >
      {!p.embedded && <PageHeader title={p.title} text={p.text} actions={p.actions?.(ctx)} />}
      {viewsOn && (
        <ViewPicker
          model={views}
          current={current}
          query={query}
          columns={cols.columns}
          everything={everything && !current}
          presets={p.presets}
          onPreset={(x) => state.set({ q: '', filter: x.filter, sort: x.sort ?? [], view: null })}
          onPick={pickView}
        />
      )}
      <ListToolbar
        q={state.query.q}
        onQ={(q) => state.set({ q })}
        searchLabel={p.searchLabel}
        searchable={p.searchable !== false}
        filter={query.filter}
        onFilter={(filter) => state.set({ filter })}
        building={building}
        onBuilding={(open) => {
          setBuilding(open);
          setSeed(null);
        }}
        seed={seed}
        small={small}
        cols={cols}
        format={format}
        exportFormats={p.mayExport === false ? [] : source.exportFormats}
        onExport={(f) => ctx.exportFile(f, 'all')}
        rangeFormats={p.mayExport === false ? [] : p.rich ? source.exportFormats : ['csv']}
        range={range}
        onExportRange={(f) => range && void exportCells({ ...range, format: f })}
        onRefresh={refresh}
        actions={p.embedded ? p.actions?.(ctx) : undefined}
      />
      {p.selectable !== false && ctx.selected > 0 && (
        <SelectionBar
          ctx={ctx}
          locale={locale}
          onAll={() => setSelection({ mode: 'all', ids: new Set() })}
          exportFormats={p.mayExport === false ? [] : p.rich ? source.exportFormats : []}
        >
          {p.bulkActions?.(ctx)}
        </SelectionBar>
      )}
      <DataGrid<T>
        label={p.title}
        store={store}
        resetKey={key}
        waiting={waiting}
        fields={shown.byName}
        columns={shown.columns}
        onColumns={shown.setColumns}
        sort={query.sort}
        onSort={setSort}
        renderers={shown.renderers}
        rowHref={p.rowHref}
        rowButton={p.rowButton}
        onOpen={openRow}
        rowLabel={p.rowLabel}
        selection={p.selectable === false ? undefined : selection}
        onSelection={(next, rows) => {
          for (const r of rows) known.current.set(r.id, r);
          setSelection(next);
        }}
        onCopy={(range, fields, headers) => void copy(range, fields, headers)}
        onExport={p.mayExport === false ? undefined : (req) => void exportCells(req)}
        exportFormats={source.exportFormats}
        rangeFormats={p.rich ? source.exportFormats : ['csv']}
        onRange={setRange}
        onFilterColumn={(field) => {
          setSeed(andWith(prune(query.filter), newCondition(field)));
          setBuilding(true);
        }}
        aggregate={
          source.aggregate
            ? (from, to, fields, signal) => source.aggregate!(query, from, to, fields, signal)
            : undefined
        }
        empty={nothing}
        error={
          fault ? (
            <GridMessage
              icon={IconAlertTriangle}
              title={t('grid.errorTitle')}
              text={problemText(fault, t)}
              action={
                <Button
                  variant="default"
                  onClick={() => {
                    store.retry();
                    if (cols.error) cols.retry();
                  }}
                >
                  {t('action.retry')}
                </Button>
              }
            />
          ) : undefined
        }
        format={format}
      />
      {p.children?.(ctx)}
    </div>
  );
}

export { sameAsView };
