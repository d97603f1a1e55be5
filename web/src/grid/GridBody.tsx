import { memo, type ReactNode } from 'react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import classes from './grid.module.css';
import type { CellRenderers } from './DataGrid';
import { alignRight } from './GridHeader';
import type { ColumnState } from './model/columns';
import { cellValue, formatCell, type FormatContext } from './model/format';
import type { PageStore } from './model/pages';
import { isSelected, type RowSelection } from './model/selection';
import type { CellPos, CellRange, FieldDef, GridRow } from './model/types';
import type { RowWindowApi } from './useRowWindow';

interface Shared<T extends GridRow> {
  rowHeight: number;
  vis: ColumnState[];
  left: number[];
  width: number;
  pinnedWidth: number;
  /** Places of the unpinned columns on screen, the last exclusive. */
  colFirst: number;
  colLast: number;
  fields: Map<string, FieldDef>;
  cellId: (row: number, col: number) => string;
  renderers?: CellRenderers<T>;
  rowHref?: (row: T) => string | undefined;
  rowButton?: (row: T) => ReactNode;
  /** What a click on the first column does where a row has no address. */
  onOpen?: (row: T) => void;
  rowLabel?: (row: T) => string;
  onToggle: (rows: T[], on: boolean) => void;
  format: FormatContext;
}

interface BodyProps<T extends GridRow> extends Shared<T> {
  store: PageStore<T>;
  /** Of the store; a new one means rows may have changed. */
  version: number;
  win: RowWindowApi;
  space: number;
  rect: CellRange | null;
  head: CellPos | null;
  showHead: boolean;
  selection?: RowSelection;
  skeleton: boolean;
}

const SKELETON_ROWS = 14;

/** The rows on screen, each placed by itself so that scrolling moves nothing else. */
export function GridBody<T extends GridRow>(p: BodyProps<T>) {
  const { store, win, rect, head, selection } = p;
  const rows: ReactNode[] = [];
  const end = p.skeleton ? SKELETON_ROWS : win.last;
  for (let i = p.skeleton ? 0 : win.first; i < end; i++) {
    const row = store.row(i);
    const within = rect && i >= rect.top && i <= rect.bottom;
    rows.push(
      <Row
        key={i}
        index={i}
        y={i * p.rowHeight + win.shift}
        row={row as GridRow | undefined}
        failed={!row && store.rowError(i) !== undefined}
        onRetry={retryOf(store)}
        selected={selection && row ? isSelected(selection, row.id) : selection ? false : undefined}
        from={within ? rect.left : -1}
        to={within ? rect.right : -1}
        edgeTop={!!within && i === rect.top}
        edgeBottom={!!within && i === rect.bottom}
        active={head?.row === i ? head.col : -1}
        showHead={p.showHead && head?.row === i}
        rowHeight={p.rowHeight}
        vis={p.vis}
        left={p.left}
        width={p.width}
        pinnedWidth={p.pinnedWidth}
        colFirst={p.colFirst}
        colLast={p.colLast}
        fields={p.fields}
        cellId={p.cellId}
        renderers={p.renderers as unknown as CellRenderers}
        rowHref={p.rowHref as unknown as ((row: GridRow) => string | undefined) | undefined}
        rowButton={p.rowButton as unknown as ((row: GridRow) => ReactNode) | undefined}
        onOpen={p.onOpen as unknown as ((row: GridRow) => void) | undefined}
        rowLabel={p.rowLabel as unknown as ((row: GridRow) => string) | undefined}
        onToggle={p.onToggle as unknown as (rows: GridRow[], on: boolean) => void}
        format={p.format}
      />,
    );
  }
  return (
    <div
      role="rowgroup"
      className={classes.body}
      style={{ height: p.skeleton ? SKELETON_ROWS * p.rowHeight : p.space, width: p.width }}
    >
      {rows}
    </div>
  );
}

const retries = new WeakMap<object, () => void>();
function retryOf<T extends GridRow>(store: PageStore<T>): () => void {
  let fn = retries.get(store);
  if (!fn) retries.set(store, (fn = () => store.retry()));
  return fn;
}

interface RowProps extends Shared<GridRow> {
  index: number;
  y: number;
  row: GridRow | undefined;
  failed: boolean;
  onRetry: () => void;
  selected: boolean | undefined;
  from: number;
  to: number;
  edgeTop: boolean;
  edgeBottom: boolean;
  active: number;
  showHead: boolean;
}

const Row = memo(function Row(p: RowProps) {
  const { row, index } = p;
  const { t } = useTranslation();
  if (p.failed) return <FailedRow {...p} />;
  const label = row ? (p.rowLabel?.(row) ?? String(row.name ?? row.id)) : '';
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={p.selected}
      className={classes.row}
      data-row={index}
      data-selected={p.selected || undefined}
      data-odd={index % 2 === 1 || undefined}
      style={{ transform: `translateY(${p.y}px)`, height: p.rowHeight, width: p.width }}
    >
      {p.selected !== undefined && (
        <div role="gridcell" aria-colindex={1} className={classes.check} data-pinned>
          {row && (
            <label className={classes.checkLabel}>
              <input
                type="checkbox"
                tabIndex={-1}
                className={classes.checkbox}
                checked={p.selected}
                onChange={(e) => p.onToggle([row], e.target.checked)}
                aria-label={t('grid.selectRow', { name: label })}
              />
            </label>
          )}
        </div>
      )}
      <Cells p={p} />
    </div>
  );
});

/** The pinned cells, then room for those that are scrolled away, then the ones on screen. */
function Cells({ p }: { p: RowProps }) {
  const room = p.colFirst < p.vis.length ? p.left[p.colFirst]! - p.pinnedWidth : 0;
  const pinned: ReactNode[] = [];
  const others: ReactNode[] = [];
  p.vis.forEach((c, i) => {
    if (c.pinned) pinned.push(<Cell key={c.name} p={p} c={c} i={i} />);
    else if (i >= p.colFirst && i < p.colLast) others.push(<Cell key={c.name} p={p} c={c} i={i} />);
  });
  return (
    <>
      {pinned}
      {room > 0 && <div role="presentation" className={classes.room} style={{ width: room }} />}
      {others}
    </>
  );
}

function Cell({ p, c, i }: { p: RowProps; c: ColumnState; i: number }) {
  const field = p.fields.get(c.name)!;
  const inside = i >= p.from && i <= p.to;
  const single = p.edgeTop && p.edgeBottom && p.from === p.to;
  const many = inside && !single;
  const edges = inside
    ? [p.edgeTop && 't', p.edgeBottom && 'b', i === p.from && 'l', i === p.to && 'r'].filter(Boolean).join('')
    : undefined;
  return (
    <div
      role="gridcell"
      id={p.cellId(p.index, i)}
      aria-colindex={i + (p.selected !== undefined ? 2 : 1)}
      aria-selected={inside}
      className={classes.cell}
      style={{ width: c.width, left: c.pinned ? p.left[i] : undefined }}
      data-col={i}
      data-pinned={c.pinned || undefined}
      data-last-pin={(c.pinned && !p.vis[i + 1]?.pinned) || undefined}
      data-right={alignRight(field) || undefined}
      data-in={many || undefined}
      data-edges={many ? edges : undefined}
      data-active={p.active === i ? (p.showHead ? 'focus' : 'quiet') : undefined}
    >
      {p.row ? (
        <CellContent p={p} row={p.row} c={c} field={field} first={i === 0} />
      ) : (
        <span className={classes.bone} />
      )}
    </div>
  );
}

function CellContent({
  p,
  row,
  c,
  field,
  first,
}: {
  p: RowProps;
  row: GridRow;
  c: ColumnState;
  field: FieldDef;
  first: boolean;
}) {
  const value = cellValue(row, c.name);
  const text = formatCell(field, value, p.format);
  const render = p.renderers?.[c.name];
  const content = render ? render(row, { ...p.format, field, value, text }) : text;
  const linked = p.renderers?.[c.name] ? false : first || c.name === 'name';
  const href = linked ? p.rowHref?.(row) : undefined;
  const button = first && href ? p.rowButton?.(row) : undefined;
  if (href && content !== '' && button) {
    return (
      <span className={classes.withButton}>
        <CellLink to={href} title={text}>
          {content}
        </CellLink>
        {button}
      </span>
    );
  }
  if (href && content !== '') {
    return (
      <CellLink to={href} title={text}>
        {content}
      </CellLink>
    );
  }
  if (first && !p.rowHref && p.onOpen && content !== '') {
    return (
      <button type="button" tabIndex={-1} className={classes.opener} onClick={() => p.onOpen?.(row)}>
        {content}
      </button>
    );
  }
  return (
    <span className={render ? classes.drawn : classes.text} title={render ? undefined : text}>
      {content}
    </span>
  );
}

function FailedRow(p: RowProps) {
  const { t } = useTranslation();
  return (
    <div
      role="row"
      aria-rowindex={p.index + 2}
      className={classes.row}
      style={{ transform: `translateY(${p.y}px)`, height: p.rowHeight, width: p.width }}
    >
      <div role="gridcell" aria-colindex={1} className={classes.failed}>
        {t('grid.rowFailed')}{' '}
        <button type="button" tabIndex={-1} className={classes.plainLink} onClick={p.onRetry}>
          {t('grid.retry')}
        </button>
      </div>
    </div>
  );
}

/** The link to a record's page in a cell: the keys of the grid move there, not Tab. */
export function CellLink({ to, title, children }: { to: string; title?: string; children: ReactNode }) {
  return (
    <Link to={to as never} tabIndex={-1} draggable={false} className={classes.link} title={title}>
      {children}
    </Link>
  );
}
