/**
 * A table over a server-side list of any size: only the rows on screen are in the DOM.
 *
 * Owns: scrolling, the active cell and the cell range, keys, mouse, column dragging and resizing, the context menu.
 * Does not own: which rows there are (PageStore), where column choices are kept, what a cell looks like (renderers).
 */
import {
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react';
import { useTranslation } from 'react-i18next';
import classes from './grid.module.css';
import { GridBody } from './GridBody';
import { GridHeader } from './GridHeader';
import { GridMenu, type MenuAt } from './GridMenu';
import { StatusBar } from './StatusBar';
import { layout, visibleColumns, type ColumnState } from './model/columns';
import type { FormatContext } from './model/format';
import type { PageStore } from './model/pages';
import { rectangle, type RangeState } from './model/range';
import { isSelected, toggle, type RowSelection } from './model/selection';
import type { AggregateAnswer, CellRange, FieldDef, GridRow, SortKey } from './model/types';
import { useColWindow } from './useColWindow';
import { useGridKeys } from './useGridKeys';
import { useRangeMouse } from './useRangeMouse';
import { useRowWindow } from './useRowWindow';
import type { ExportFormat } from './source';

/** Draws a cell; the text form is used where none is given. */
export type CellRenderer<T extends GridRow = GridRow> = (row: T, ctx: CellContext) => ReactNode;
export type CellRenderers<T extends GridRow = GridRow> = Record<string, CellRenderer<T>>;

export interface CellContext extends FormatContext {
  field: FieldDef;
  value: unknown;
  text: string;
}

export interface CellExport {
  format: ExportFormat;
  headers: boolean;
  /** Rows by position, the end exclusive; null for everything that matches. */
  rows: { from: number; to: number } | null;
  columns: FieldDef[];
}

export interface DataGridProps<T extends GridRow = GridRow> {
  /** Name of the table for those who do not see it. */
  label: string;
  store: PageStore<T>;
  /** Grows when other rows are shown (another filter): the grid goes back to the top. */
  resetKey: string;
  /** Rows are not asked for yet. */
  waiting?: boolean;
  fields: Map<string, FieldDef>;
  columns: ColumnState[];
  onColumns: (next: ColumnState[]) => void;
  sort: SortKey[];
  onSort: (field: string, add: boolean, desc?: boolean | null) => void;
  renderers?: CellRenderers<T>;
  /** Where a row leads; the first visible column becomes the link. */
  rowHref?: (row: T) => string | undefined;
  /** A button in the first cell of a row, in sight however the list is scrolled. */
  rowButton?: (row: T) => ReactNode;
  onOpen?: (row: T) => void;
  rowLabel?: (row: T) => string;
  selection?: RowSelection;
  onSelection?: (next: RowSelection, rows: T[]) => void;
  onCopy: (range: { from: number; to: number }, columns: FieldDef[], headers: boolean) => void;
  onExport?: (req: CellExport) => void;
  exportFormats?: ExportFormat[];
  /** Formats that a range of cells can be had in. */
  rangeFormats?: ExportFormat[];
  /** Told of the cells that are chosen; null when it is one cell or none. */
  onRange?: (range: CellExport | null) => void;
  onFilterColumn?: (field: FieldDef) => void;
  aggregate?: (from: number, to: number, fields: string[], signal: AbortSignal) => Promise<AggregateAnswer>;
  /** Shown in place of rows when there are none. */
  empty: ReactNode;
  error?: ReactNode;
  format: FormatContext;
  /** More at the end of the status bar. */
  status?: ReactNode;
}

export const CHECK_WIDTH = 44;
const HEADER_HEIGHT = 36;

/** On a narrow screen pinned columns would cover everything: only the first stays, and not too wide. */
function fitPins(vis: ColumnState[], lead: number, width: number): ColumnState[] {
  const pinned = vis.filter((c) => c.pinned);
  const sum = pinned.reduce((n, c) => n + c.width, lead);
  if (width === 0 || sum <= width * 0.6) return vis;
  const most = Math.max(96, Math.round(width * 0.52) - lead);
  return vis.map((c, i) =>
    i === 0 && c.pinned ? { ...c, width: Math.min(c.width, most) } : { ...c, pinned: false },
  );
}

export function DataGrid<T extends GridRow>(props: DataGridProps<T>) {
  const { store, columns, fields, selection, onSelection } = props;
  const { t } = useTranslation();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  useSyncExternalStore(store.subscribe, store.version, store.version);
  const total = store.getTotal();
  const [coarse] = useState(() => matchMedia('(pointer: coarse)').matches);
  const rowHeight = coarse ? 44 : 34;

  const win = useRowWindow({ scroller, rowCount: total.count, rowHeight, headerHeight: HEADER_HEIGHT });
  const lead = selection ? CHECK_WIDTH : 0;
  const vis = useMemo(
    () =>
      fitPins(
        visibleColumns(columns).filter((c) => fields.has(c.name)),
        lead,
        win.width,
      ),
    [columns, fields, lead, win.width],
  );
  const place = useMemo(() => layout(vis, lead), [vis, lead]);
  const colWin = useColWindow(scroller, vis, place, win.width);

  const [range, setRange] = useState<RangeState>({ anchor: null, head: null });
  // The header row can be active too; then no cell of the body is.
  const [headCol, setHeadCol] = useState<number | null>(null);
  const [focused, setFocused] = useState(false);
  const [menu, setMenu] = useState<MenuAt | null>(null);
  const rect = rectangle(range);
  const bounds = useMemo(() => ({ rows: total.count, cols: vis.length }), [total.count, vis.length]);

  const { waiting } = props;
  useEffect(() => {
    if (!waiting) store.want(0, 1);
  }, [store, waiting]);
  useEffect(() => {
    if (waiting) return;
    // Not while it flies by: only what it comes to rest on is asked for.
    const timer = setTimeout(() => store.want(win.first, win.last), 70);
    return () => clearTimeout(timer);
  }, [store, waiting, win.first, win.last, total.count]);

  const { toTop } = win;
  useLayoutEffect(() => {
    setRange({ anchor: null, head: null });
    toTop();
  }, [props.resetKey, toTop]);

  const cellId = useCallback((row: number, col: number) => `${id}-${row}-${col}`, [id]);
  const headId = useCallback((col: number) => `${id}-h-${col}`, [id]);

  const toggleRows = useCallback(
    (rows: T[], on: boolean) => {
      if (selection && onSelection)
        onSelection(
          toggle(
            selection,
            rows.map((r) => r.id),
            on,
          ),
          rows,
        );
    },
    [selection, onSelection],
  );
  const open = useCallback(
    (index: number) => {
      const row = store.row(index);
      if (row) props.onOpen?.(row);
    },
    [store, props],
  );
  const colFields = useMemo(() => vis.map((c) => fields.get(c.name)!), [vis, fields]);
  const copy = (headers: boolean) => {
    if (!rect) return;
    props.onCopy(
      { from: rect.top, to: rect.bottom + 1 },
      colFields.slice(rect.left, rect.right + 1),
      headers,
    );
  };

  const { onRange } = props;
  const many = rect && (rect.top !== rect.bottom || rect.left !== rect.right);
  const rangeKey = many ? `${rect.top}:${rect.bottom}:${rect.left}:${rect.right}` : '';
  useEffect(() => {
    onRange?.(rangeKey ? rangeOf(rect, colFields) : null);
  }, [rangeKey, colFields, onRange]); // eslint-disable-line react-hooks/exhaustive-deps -- rangeKey stands for rect

  const { show: showCol } = colWin;
  const activeCol = headCol ?? range.head?.col;
  useLayoutEffect(() => {
    if (activeCol !== undefined) showCol(activeCol);
  }, [activeCol]); // eslint-disable-line react-hooks/exhaustive-deps -- only when another column becomes active, not when one is resized

  const onKeyDown = useGridKeys({
    bounds,
    range,
    setRange,
    headCol,
    setHeadCol,
    columns,
    vis,
    fields,
    win,
    onColumns: props.onColumns,
    onSort: props.onSort,
    onCopy: copy,
    onExport: (format) => {
      const chosen = rangeOf(rect, colFields);
      if (chosen && props.onExport && (props.rangeFormats ?? ['csv']).includes(format))
        props.onExport({ ...chosen, format });
    },
    onOpen: open,
    onToggleRow: (index) => {
      const row = store.row(index);
      if (row && selection) toggleRows([row], !isSelected(selection, row.id));
    },
    onToggleAll: () => onSelection?.(allToggled(selection, total.count), []),
    onMenu: () => {
      const el = document.getElementById(
        headCol !== null ? headId(headCol) : range.head ? cellId(range.head.row, range.head.col) : '',
      );
      const box = (el ?? scroller.current)?.getBoundingClientRect();
      if (box) setMenu({ x: box.left + 12, y: box.bottom - 4, header: headCol });
    },
  });
  const mouse = useRangeMouse({ scroller, range, setRange, setHeadCol, bounds, win, onOpen: open, setMenu });

  const active =
    headCol !== null
      ? headId(headCol)
      : range.head &&
          range.head.row >= win.first &&
          range.head.row < win.last &&
          (vis[range.head.col]?.pinned || (range.head.col >= colWin.first && range.head.col < colWin.last))
        ? cellId(range.head.row, range.head.col)
        : undefined;
  const nothing = total.known && total.count === 0;
  const broken = props.error;

  return (
    <div className={classes.frame}>
      <div
        ref={scroller}
        role="grid"
        tabIndex={0}
        className={classes.scroller}
        aria-label={props.label}
        aria-rowcount={total.known && !total.exact ? -1 : total.count + 1}
        aria-colcount={vis.length + (selection ? 1 : 0)}
        aria-multiselectable="true"
        aria-activedescendant={focused ? active : undefined}
        aria-busy={store.loading || undefined}
        data-focused={focused || undefined}
        onScroll={() => {
          win.onScroll();
          colWin.onScroll();
        }}
        onKeyDown={(e) => {
          onKeyDown(e);
          // The first column may be pinned, and in sight already: the others come back too.
          if (e.key === 'Home' && e.target === e.currentTarget) e.currentTarget.scrollLeft = 0;
        }}
        onFocus={(e) => {
          if (e.target !== e.currentTarget) return;
          setFocused(true);
          if (!range.head && headCol === null) {
            if (total.count > 0)
              setRange({ anchor: { row: win.top(), col: 0 }, head: { row: win.top(), col: 0 } });
            else if (vis.length) setHeadCol(0);
          }
        }}
        onBlur={(e) => e.target === e.currentTarget && setFocused(false)}
        {...mouse}
      >
        <GridHeader
          columns={columns}
          vis={vis}
          left={place.left}
          width={place.width}
          height={HEADER_HEIGHT}
          fields={fields}
          sort={props.sort}
          onSort={props.onSort}
          onColumns={props.onColumns}
          headId={headId}
          active={focused ? headCol : null}
          onMenu={setMenu}
          check={
            selection
              ? {
                  state: checkState(selection, total.count),
                  label: t('grid.selectAll', { count: total.count }),
                  onToggle: () => onSelection?.(allToggled(selection, total.count), []),
                }
              : undefined
          }
          range={rect}
        />
        <GridBody
          store={store}
          version={store.version()}
          win={win}
          rowHeight={rowHeight}
          space={win.space}
          vis={vis}
          left={place.left}
          width={place.width}
          pinnedWidth={place.pinnedWidth}
          colFirst={colWin.first}
          colLast={colWin.last}
          fields={fields}
          rect={rect}
          head={range.head}
          showHead={focused && headCol === null}
          cellId={cellId}
          renderers={props.renderers}
          rowHref={props.rowHref}
          rowButton={props.rowButton}
          onOpen={props.onOpen}
          rowLabel={props.rowLabel}
          selection={selection}
          onToggle={toggleRows}
          format={props.format}
          skeleton={!total.known && !broken}
        />
      </div>
      {(nothing || broken) && (
        <div className={classes.overlay} style={{ top: HEADER_HEIGHT }}>
          <div className={classes.overlayInner}>{broken || props.empty}</div>
        </div>
      )}
      <StatusBar
        store={store}
        total={total}
        rect={rect}
        fields={colFields}
        aggregate={props.aggregate}
        format={props.format}
        extra={props.status}
      />
      <GridMenu
        at={menu}
        onClose={() => {
          setMenu(null);
          scroller.current?.focus({ preventScroll: true });
        }}
        rect={rect}
        columns={columns}
        vis={vis}
        fields={fields}
        sort={props.sort}
        onSort={props.onSort}
        onColumns={props.onColumns}
        onFilterColumn={props.onFilterColumn}
        onCopy={copy}
        onExport={props.onExport}
        exportFormats={props.exportFormats ?? []}
        rangeFormats={props.rangeFormats ?? ['csv']}
        colFields={colFields}
        onOpen={props.onOpen && rect && rect.top === rect.bottom ? () => open(rect.top) : undefined}
      />
    </div>
  );
}

/** The chosen cells as an export asks for them. */
function rangeOf(rect: CellRange | null, fields: FieldDef[]): CellExport | null {
  if (!rect) return null;
  return {
    format: 'csv',
    headers: true,
    rows: { from: rect.top, to: rect.bottom + 1 },
    columns: fields.slice(rect.left, rect.right + 1),
  };
}

function checkState(s: RowSelection, total: number): 'none' | 'some' | 'all' {
  if (s.mode === 'all') return s.ids.size === 0 ? 'all' : 'some';
  return s.ids.size === 0 ? 'none' : s.ids.size >= total && total > 0 ? 'all' : 'some';
}

/** Ticks everything that matches, or nothing when anything was ticked. */
function allToggled(s: RowSelection | undefined, total: number): RowSelection {
  const none = !s || checkState(s, total) === 'none';
  return none ? { mode: 'all', ids: new Set() } : { mode: 'some', ids: new Set() };
}
