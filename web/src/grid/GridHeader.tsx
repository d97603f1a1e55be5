import { useRef, useState, type PointerEvent, type ReactNode } from 'react';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import classes from './grid.module.css';
import type { MenuAt } from './GridMenu';
import { moveBefore, resize, type ColumnState } from './model/columns';
import type { CellRange, FieldDef, SortKey } from './model/types';

interface Props {
  columns: ColumnState[];
  vis: ColumnState[];
  left: number[];
  width: number;
  height: number;
  fields: Map<string, FieldDef>;
  sort: SortKey[];
  onSort: (field: string, add: boolean) => void;
  onColumns: (next: ColumnState[]) => void;
  headId: (col: number) => string;
  active: number | null;
  onMenu: (m: MenuAt) => void;
  check?: { state: 'none' | 'some' | 'all'; label: string; onToggle: () => void };
  range: CellRange | null;
}

export const alignRight = (f: FieldDef | undefined) =>
  f?.align ? f.align === 'right' : f?.type === 'number' || f?.type === 'int' || f?.type === 'money';

interface Drag {
  name: string;
  startX: number;
  moved: boolean;
  /** Column it would land before; null is the end, undefined nowhere. */
  before: string | null | undefined;
}

/** The sticky header: click sorts, drag moves, the edge resizes. */
export function GridHeader(p: Props) {
  const [drag, setDrag] = useState<Drag | null>(null);
  const row = useRef<HTMLDivElement>(null);

  const landing = (x: number): string | null => {
    const cells = row.current?.querySelectorAll<HTMLElement>('[data-head]') ?? [];
    for (const el of cells) {
      const box = el.getBoundingClientRect();
      if (x < box.left + box.width / 2) return p.vis[Number(el.dataset.head)]?.name ?? null;
    }
    return null;
  };
  const down = (e: PointerEvent<HTMLDivElement>, c: ColumnState) => {
    if (e.button !== 0 || (e.target as Element).closest('[data-edge]')) return;
    setDrag({ name: c.name, startX: e.clientX, moved: false, before: undefined });
    if (e.pointerType !== 'touch') e.currentTarget.setPointerCapture(e.pointerId);
  };
  const move = (e: PointerEvent<HTMLDivElement>) => {
    if (!drag || e.pointerType === 'touch') return;
    if (!drag.moved && Math.abs(e.clientX - drag.startX) < 6) return;
    setDrag({ ...drag, moved: true, before: landing(e.clientX) });
  };
  const up = (e: PointerEvent<HTMLDivElement>, c: ColumnState) => {
    if (!drag) return;
    setDrag(null);
    if (drag.moved) {
      if (drag.before !== undefined) p.onColumns(moveBefore(p.columns, drag.name, drag.before));
    } else if (drag.name === c.name && p.fields.get(c.name)?.sortable) {
      p.onSort(c.name, e.shiftKey);
    }
  };

  return (
    <div role="rowgroup" className={classes.head} style={{ width: p.width, height: p.height }}>
      <div role="row" aria-rowindex={1} ref={row} className={classes.headRow}>
        {p.check && <HeadCheck check={p.check} />}
        {p.vis.map((c, i) => (
          <HeadCell
            key={c.name}
            p={p}
            c={c}
            i={i}
            dropBefore={!!drag?.moved && drag.before === c.name}
            dropAfter={!!drag?.moved && drag.before === null && i === p.vis.length - 1}
            dragging={!!drag?.moved && drag.name === c.name}
            onPointerDown={(e) => down(e, c)}
            onPointerMove={move}
            onPointerUp={(e) => up(e, c)}
            onPointerCancel={() => setDrag(null)}
          />
        ))}
      </div>
    </div>
  );
}

function HeadCheck({ check }: { check: NonNullable<Props['check']> }) {
  return (
    <div role="columnheader" aria-colindex={1} className={classes.check} data-pinned>
      <label className={classes.checkLabel}>
        <input
          type="checkbox"
          tabIndex={-1}
          className={classes.checkbox}
          checked={check.state === 'all'}
          ref={(el) => {
            if (el) el.indeterminate = check.state === 'some';
          }}
          onChange={check.onToggle}
          aria-label={check.label}
        />
      </label>
    </div>
  );
}

interface CellProps {
  p: Props;
  c: ColumnState;
  i: number;
  dropBefore: boolean;
  dropAfter: boolean;
  dragging: boolean;
  onPointerDown: (e: PointerEvent<HTMLDivElement>) => void;
  onPointerMove: (e: PointerEvent<HTMLDivElement>) => void;
  onPointerUp: (e: PointerEvent<HTMLDivElement>) => void;
  onPointerCancel: () => void;
}

function HeadCell({ p, c, i, dropBefore, dropAfter, dragging, ...handlers }: CellProps) {
  const field = p.fields.get(c.name);
  const at = p.sort.findIndex((s) => s.field === c.name);
  const sorted = p.sort[at];
  const inRange = p.range && i >= p.range.left && i <= p.range.right;
  return (
    <div
      role="columnheader"
      id={p.headId(i)}
      aria-colindex={i + (p.check ? 2 : 1)}
      aria-sort={sorted ? (sorted.desc ? 'descending' : 'ascending') : field?.sortable ? 'none' : undefined}
      className={classes.headCell}
      style={{ width: c.width, left: c.pinned ? p.left[i] : undefined }}
      title={field?.label}
      data-head={i}
      data-pinned={c.pinned || undefined}
      data-last-pin={(c.pinned && !p.vis[i + 1]?.pinned) || undefined}
      data-sortable={field?.sortable || undefined}
      data-right={alignRight(field) || undefined}
      data-active={p.active === i || undefined}
      data-range={inRange || undefined}
      data-dragging={dragging || undefined}
      data-drop={dropBefore ? 'before' : dropAfter ? 'after' : undefined}
      {...handlers}
    >
      <span className={classes.headText}>{field?.label ?? c.name}</span>
      {sorted && <SortMark desc={sorted.desc} place={p.sort.length > 1 ? at + 1 : null} />}
      <Edge c={c} onResize={(w) => p.onColumns(resize(p.columns, c.name, w))} />
    </div>
  );
}

function SortMark({ desc, place }: { desc: boolean; place: number | null }): ReactNode {
  const Icon = desc ? IconArrowDown : IconArrowUp;
  return (
    <span className={classes.sortMark} aria-hidden>
      <Icon size={14} stroke={2} />
      {place}
    </span>
  );
}

function Edge({ c, onResize }: { c: ColumnState; onResize: (w: number) => void }) {
  const from = useRef<{ x: number; width: number } | null>(null);
  return (
    <span
      className={classes.edge}
      data-edge
      aria-hidden
      onPointerDown={(e) => {
        e.stopPropagation();
        from.current = { x: e.clientX, width: c.width };
        e.currentTarget.setPointerCapture(e.pointerId);
      }}
      onPointerMove={(e) => {
        if (from.current) onResize(from.current.width + e.clientX - from.current.x);
      }}
      onPointerUp={(e) => {
        e.stopPropagation();
        from.current = null;
      }}
      onPointerCancel={() => {
        from.current = null;
      }}
    />
  );
}
