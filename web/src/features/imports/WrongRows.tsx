import { useState } from 'react';
import { Button, Text, TextInput } from '@mantine/core';
import { IconCheck, IconChevronDown, IconChevronRight, IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, download } from '@/api/client';
import { useFormats } from '@/i18n/format';
import { sentence } from '@/sentences';
import { ProblemAlert, problemText } from '@/ui/ProblemAlert';
import classes from './imports.module.css';
import { useCustomerFields, useDayFields } from './ImportSummary';
import { columnName, DAY_ORDERS, isSecret, rowWords, untoldDays, writeDays } from './mapping';
import { hasBegun, type Import, type ImportRow, type ImportRowError } from './types';
import { useCheckAgain } from './useImport';
import { useImportRows } from './useImportRows';

interface Props {
  imp: Import;
  onFixed: () => void;
}

/** Every wrong row by line, field and reason; its cells can be put right here. */
export function WrongRows({ imp, onFixed }: Props) {
  const { t } = useTranslation();
  const f = useFormats();
  const q = useImportRows(imp.id, 'wrong');
  const rows = q.data?.pages.flatMap((p) => p.items) ?? [];
  const total = imp.summary?.wrong ?? rows.length;
  return (
    <section className={classes.card} aria-labelledby="import-wrong">
      <div className={classes.cardHead}>
        <h2 id="import-wrong" className={classes.cardTitle}>
          {t('imports.wrong.title', { count: total, n: f.number(total) })}
        </h2>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={15} />}
          onClick={() => download(`/imports/${imp.id}/errors`)}
        >
          {t('imports.errors')}
        </Button>
      </div>
      <p className={classes.cardText}>{t('imports.wrong.text')}</p>
      <DayQuestion imp={imp} />
      {q.error && <ProblemAlert error={q.error} />}
      <ul className={classes.wrongList}>
        {rows.map((r) => (
          <WrongRow key={r.line} imp={imp} row={r} onFixed={onFixed} />
        ))}
      </ul>
      {q.hasNextPage && (
        <Button
          mt="sm"
          size="xs"
          variant="default"
          loading={q.isFetchingNextPage}
          onClick={() => void q.fetchNextPage()}
        >
          {t('action.loadMore')}
        </Button>
      )}
    </section>
  );
}

/** Where days can be read two ways, one answer puts all of them right: it is kept with the columns, and the check runs again. */
function DayQuestion({ imp }: { imp: Import }) {
  const { t } = useTranslation();
  const columns = untoldDays(imp.mapping, useDayFields());
  const again = useCheckAgain(imp);
  const told = imp.summary?.errors_by_code?.ambiguous_date ?? 0;
  if (told === 0 || columns.length === 0 || hasBegun(imp)) return null;
  return (
    <>
      <div className={classes.ask} role="group" aria-label={t('imports.code.ambiguous_date')}>
        <p>{t('imports.wrong.days')}</p>
        {DAY_ORDERS.map((o) => (
          <Button
            key={o}
            size="xs"
            variant="default"
            disabled={again.isPending}
            onClick={() => again.mutate(writeDays(imp.mapping, columns, o))}
          >
            {t(`imports.wrong.${o}`)}
          </Button>
        ))}
      </div>
      {again.error && <ProblemAlert error={again.error} />}
    </>
  );
}

const NAMES = ['company', 'first_name', 'last_name'];

/** The column an error is about: told by the server, or the one mapped to its field. */
function columnOf(imp: Import, e: ImportRowError): number | undefined {
  if (typeof e.column === 'number' && e.column >= 0) return e.column;
  return imp.mapping.find((m) => m.field === e.field)?.column;
}

function WrongRow({ imp, row, onFixed }: { imp: Import; row: ImportRow; onFixed: () => void }) {
  const { t } = useTranslation();
  const { fields } = useCustomerFields();
  const cells = row.cells ?? [];
  const [typed, setTyped] = useState<Record<number, string>>({});
  const [whole, setWhole] = useState(false);
  const errors = row.errors ?? [];
  const wrong = new Map<number, ImportRowError>();
  for (const e of errors) {
    const c = columnOf(imp, e);
    if (c !== undefined && !wrong.has(c)) wrong.set(c, e);
  }
  const loose = errors.filter((e) => columnOf(imp, e) === undefined);
  // A missing name can be put into any of the columns that make one.
  const names = loose.some((e) => e.field === 'name')
    ? imp.mapping.filter((m) => NAMES.includes(m.field)).map((m) => m.column)
    : [];
  const shown = imp.columns.filter(
    (c) => (whole && !isSecret(c)) || wrong.has(c.index) || names.includes(c.index),
  );
  const changed = Object.entries(typed).filter(([i, v]) => v !== (cells[Number(i)] ?? ''));
  const save = useMutation({
    mutationFn: () =>
      api.put<ImportRow | undefined>(`/imports/${imp.id}/rows/${row.line}`, {
        cells: Object.fromEntries(changed),
      }),
    onSuccess: onFixed,
  });
  // What is still wrong after the correction, as the server says.
  const left = save.data?.errors ?? [];
  const label = (e: ImportRowError) => fields?.find((x) => x.name === e.field)?.label ?? e.field;
  return (
    <li className={classes.wrongRow}>
      <form
        onSubmit={(ev) => {
          ev.preventDefault();
          if (changed.length) save.mutate();
        }}
      >
        <div className={classes.wrongHead}>
          <b className="num">{t('imports.lineN', { line: row.line })}</b>
          <span className="muted truncate">{rowWords(imp, cells)}</span>
          <button
            type="button"
            className={classes.unfold}
            aria-expanded={whole}
            onClick={() => setWhole(!whole)}
          >
            {whole ? <IconChevronDown size={14} aria-hidden /> : <IconChevronRight size={14} aria-hidden />}
            {t('imports.wrong.whole')}
          </button>
        </div>
        {loose.map((e) => (
          <Text key={e.field + e.code} c="var(--td-bad-fg)">
            {e.field && <b>{label(e)}: </b>}
            {sentence(e.code, e.message)}
          </Text>
        ))}
        <div className={classes.wrongCells}>
          {shown.map((c) => {
            const e = wrong.get(c.index);
            return (
              <TextInput
                key={c.index}
                size="xs"
                label={columnName(c)}
                value={typed[c.index] ?? cells[c.index] ?? ''}
                error={e && typed[c.index] === undefined ? sentence(e.code, e.message) : undefined}
                onChange={(ev) => setTyped({ ...typed, [c.index]: ev.target.value })}
              />
            );
          })}
          {(changed.length > 0 || save.isSuccess) && (
            <Button
              type="submit"
              size="xs"
              variant="default"
              loading={save.isPending}
              leftSection={<IconCheck size={14} />}
              disabled={changed.length === 0}
            >
              {t(save.isSuccess ? 'imports.wrong.saved' : 'imports.wrong.save')}
            </Button>
          )}
        </div>
        {left.map((e) => (
          <Text key={e.field + e.code} c="var(--td-bad-fg)">
            <b>{label(e)}: </b>
            {sentence(e.code, e.message)}
          </Text>
        ))}
        {save.isSuccess && left.length === 0 && <Text c="var(--td-ok-fg)">{t('imports.wrong.right')}</Text>}
        {save.error && <Text c="var(--td-bad-fg)">{problemText(save.error, t)}</Text>}
      </form>
    </li>
  );
}
