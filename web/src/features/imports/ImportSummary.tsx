import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFields, restSource } from '@/grid';
import { useFormats } from '@/i18n/format';
import classes from './imports.module.css';
import { isKept } from './mapping';
import { hasBegun, type Import } from './types';

const customers = restSource('/customers');

/** The fields of customers, for names and for what may be imported. */
export const useCustomerFields = () => useFields('customers', customers);

/** The names of those that hold calendar days. */
export const useDayFields = () =>
  (useCustomerFields().fields ?? []).filter((f) => f.type === 'day').map((f) => f.name);

/** What a check found or a run did, in figures, and what is kept but not applied. */
export function ImportSummaryView({ imp }: { imp: Import }) {
  const { t } = useTranslation();
  const f = useFormats();
  const { fields } = useCustomerFields();
  const s = imp.summary;
  if (!s) return null;
  const over = hasBegun(imp) ? imp.state !== 'checked' : imp.state === 'undone';
  const label = (name: string) =>
    isKept(name) ? t(`imports.kept.${name}`) : (fields?.find((x) => x.name === name)?.label ?? name);
  const figures: [string, number, boolean][] = [
    [over ? 'created' : 'create', s.create, true],
    [over ? 'updated' : 'update', s.update, imp.mode !== 'create' || s.update > 0],
    ['unchanged', s.unchanged, s.unchanged > 0],
    ['skip', s.skip, s.skip > 0],
    ['wrong', s.wrong, true],
    ['warnings', s.warnings, s.warnings > 0],
    ['undone', s.undone ?? 0, imp.state === 'undone'],
    ['notUndone', s.not_undone ?? 0, (s.not_undone ?? 0) > 0],
    ['groupsMade', s.groups_made ?? 0, (s.groups_made ?? 0) > 0],
    ['groupsRemoved', s.groups_removed ?? 0, (s.groups_removed ?? 0) > 0],
  ];
  const codes = Object.entries(s.errors_by_code ?? {}).sort((a, b) => b[1] - a[1]);
  return (
    <section className={classes.card} aria-label={t('imports.summary.title')}>
      <dl className={classes.figures}>
        <div>
          <dt>{t('imports.summary.rows')}</dt>
          <dd>{f.number(s.rows)}</dd>
        </div>
        {figures
          .filter(([, , show]) => show)
          .map(([key, n]) => (
            <div key={key} data-bad={(key === 'wrong' && n > 0) || undefined}>
              <dt>{t(`imports.summary.${key}`)}</dt>
              <dd>{f.number(n)}</dd>
            </div>
          ))}
      </dl>
      {codes.length > 0 && (
        <ul className={classes.codes}>
          {codes.map(([code, n]) => (
            <li key={code}>
              {t(`imports.code.${code}`, { defaultValue: code.replaceAll('_', ' ') })}{' '}
              <b className="num">{f.number(n)}</b>
            </li>
          ))}
        </ul>
      )}
      {(s.kept ?? []).length > 0 && (
        <Text c="dimmed" mt={10}>
          {t('imports.summary.kept', {
            fields: f.list((s.kept ?? []).map((k) => `${label(k.field)} (${f.number(k.rows)})`)),
          })}
        </Text>
      )}
    </section>
  );
}
