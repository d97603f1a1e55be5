import { Anchor, Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormats } from '@/i18n/format';
import { sentence } from '@/sentences';
import { ProblemAlert } from '@/ui/ProblemAlert';
import classes from './imports.module.css';
import { useCustomerFields } from './ImportSummary';
import { rowWords } from './mapping';
import type { Import } from './types';
import { useImportRows } from './useImportRows';

type Outcome = 'created' | 'updated' | 'skipped' | 'wrong' | 'warning' | 'undone';

/** How many rows the summary counts for an outcome; nothing is asked for when there are none. */
function counted(imp: Import, o: Outcome): number {
  const s = imp.summary;
  if (!s) return 0;
  return (
    {
      created: s.create,
      updated: s.update,
      skipped: s.skip,
      wrong: s.wrong,
      warning: s.warnings,
      undone: s.undone ?? 0,
    }[o] ?? 0
  );
}

/** Rows of one outcome with the customer they became, or the reason why not. */
export function ImportRows({ imp, outcome }: { imp: Import; outcome: Outcome }) {
  const { t } = useTranslation();
  const f = useFormats();
  const { fields } = useCustomerFields();
  const n = counted(imp, outcome);
  const q = useImportRows(imp.id, outcome, n > 0);
  const rows = q.data?.pages.flatMap((p) => p.items) ?? [];
  if (q.error) return <ProblemAlert error={q.error} />;
  if (rows.length === 0) return null;
  const id = `import-${outcome}`;
  return (
    <section className={classes.card} aria-labelledby={id}>
      <h2 id={id} className={classes.cardTitle}>
        {t(`imports.outcome.${outcome}`)}{' '}
        <span className="muted num">{f.number(Math.max(n, rows.length))}</span>
      </h2>
      <div className={classes.preview} tabIndex={0} role="group" aria-labelledby={id}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('imports.line')}</th>
              <th scope="col">{t('imports.customer')}</th>
              <th scope="col">{t('grid.job.reason')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((r) => (
              <tr key={r.line}>
                <td className="num">{r.line}</td>
                <td>
                  {r.id ? (
                    <Anchor component={Link} to={`/customers/${r.id}`} underline="always">
                      {r.name || r.id}
                    </Anchor>
                  ) : (
                    r.name || rowWords(imp, r.cells ?? [])
                  )}
                </td>
                <td>
                  {(r.errors ?? []).map((e) => (
                    <div key={e.field + e.code}>
                      {e.field && <b>{fields?.find((x) => x.name === e.field)?.label ?? e.field}: </b>}
                      {sentence(e.code, e.message)}
                    </div>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
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
