import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './grid.module.css';
import { aggregateColumn, foldColumns, type RangeSummary } from './model/aggregate';
import { cellValue, formatDate, formatInt, formatNumber, type FormatContext } from './model/format';
import type { PageStore, Total } from './model/pages';
import { rangeSize } from './model/range';
import type { AggregateAnswer, CellRange, ColumnAggregate, FieldDef, GridRow } from './model/types';

interface Props<T extends GridRow> {
  store: PageStore<T>;
  total: Total;
  rect: CellRange | null;
  fields: FieldDef[];
  aggregate?: (from: number, to: number, fields: string[], signal: AbortSignal) => Promise<AggregateAnswer>;
  format: FormatContext;
  extra?: ReactNode;
}

/** Rows up to which a range is summed here. */
const LOCAL_ROWS = 2000;

/** How many rows there are, and count, sum, average, minimum and maximum of the chosen cells. */
export function StatusBar<T extends GridRow>(p: Props<T>) {
  const { t } = useTranslation();
  const { locale } = p.format;
  const size = rangeSize(p.rect);
  const { summary, state } = useSummary(p);
  const n = formatInt(p.total.count, locale);
  return (
    <div className={classes.status}>
      <span className={classes.statusTotal} aria-live="polite">
        {p.total.known
          ? t(p.total.exact ? 'grid.rows' : 'grid.rowsAbout', { count: p.total.count, n })
          : p.store.error() !== undefined
            ? ''
            : t('grid.loading')}
      </span>
      {p.extra}
      {size.cells > 1 && (
        <dl className={classes.sums} aria-live="polite" aria-busy={state === 'busy' || undefined}>
          <Sum label={t('grid.sums.cells')} value={formatInt(size.cells, locale)} />
          {state === 'busy' && <span className={classes.statusNote}>{t('grid.sums.busy')}</span>}
          {state === 'failed' && <span className={classes.statusNote}>{t('grid.sums.failed')}</span>}
          {summary && <Sums s={summary} format={p.format} />}
        </dl>
      )}
    </div>
  );
}

function Sums({ s, format }: { s: RangeSummary; format: FormatContext }) {
  const { t } = useTranslation();
  const show = (v: string | undefined) =>
    v === undefined
      ? undefined
      : s.type === 'date' || s.type === 'day'
        ? formatDate(v, s.type, format)
        : formatNumber(v, format.locale, s.type === 'money' ? 2 : 0);
  return (
    <>
      <Sum label={t('grid.sums.count')} value={formatInt(s.count, format.locale)} />
      <Sum label={t('grid.sums.sum')} value={show(s.sum)} />
      <Sum label={t('grid.sums.average')} value={show(s.average)} />
      <Sum label={t('grid.sums.min')} value={show(s.min)} />
      <Sum label={t('grid.sums.max')} value={show(s.max)} />
    </>
  );
}

function Sum({ label, value }: { label: string; value: string | undefined }) {
  if (value === undefined) return null;
  return (
    <div className={classes.sum}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function useSummary<T extends GridRow>(
  p: Props<T>,
): { summary: RangeSummary | null; state: 'idle' | 'busy' | 'failed' } {
  const { rect, store, fields, aggregate } = p;
  const [far, setFar] = useState<{ key: string; summary: RangeSummary | null; failed: boolean } | null>(null);
  const from = rect?.left ?? 0;
  const until = rect ? rect.right + 1 : 0;
  const cols = useMemo(() => fields.slice(from, until), [fields, from, until]);
  const top = rect?.top ?? 0;
  const end = rect ? rect.bottom + 1 : 0;
  const many = rect !== null && (end - top > 1 || cols.length > 1);
  const version = store.version();
  const key = `${top}:${end}:${cols.map((c) => c.name).join(',')}:${version}`;

  const local = useMemo(() => {
    if (!many || end - top > LOCAL_ROWS) return null;
    const rows = store.rows(top, end);
    if (!rows) return null;
    const sums: Record<string, ColumnAggregate> = {};
    for (const f of cols)
      sums[f.name] = aggregateColumn(
        f,
        rows.map((r) => cellValue(r, f.name)),
      );
    return foldColumns(cols, sums);
  }, [many, top, end, cols, store, version]); // eslint-disable-line react-hooks/exhaustive-deps -- version stands for the rows of the store

  const remote = many && !local && !!aggregate;
  useEffect(() => {
    if (!remote || !aggregate) return;
    const ctl = new AbortController();
    const timer = setTimeout(() => {
      // Lists of references cannot be counted by the server.
      const ask = cols.filter((f) => f.type !== 'multiref').slice(0, 60);
      if (ask.length === 0) return setFar({ key, summary: null, failed: false });
      aggregate(
        top,
        end,
        ask.map((f) => f.name),
        ctl.signal,
      ).then(
        (a) => setFar({ key, summary: foldColumns(ask, a.columns), failed: false }),
        () => {
          if (!ctl.signal.aborted) setFar({ key, summary: null, failed: true });
        },
      );
    }, 200);
    return () => {
      clearTimeout(timer);
      ctl.abort();
    };
  }, [remote, key]); // eslint-disable-line react-hooks/exhaustive-deps -- key stands for the range

  if (!many) return { summary: null, state: 'idle' };
  if (local) return { summary: local, state: 'idle' };
  if (!aggregate) return { summary: null, state: 'idle' };
  if (far?.key !== key) return { summary: null, state: 'busy' };
  return { summary: far.summary, state: far.failed ? 'failed' : 'idle' };
}
