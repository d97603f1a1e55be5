import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { cellValue, type FieldDef } from '@/grid';
import { useFormats } from '@/i18n/format';
import { codeName, isCodeKind } from '@/i18n/names';
import { sentence } from '@/sentences';
import { type Change } from './bulkChanges';
import classes from './list.module.css';

export interface Preview {
  matching: number;
  will_change: number;
  unchanged: number;
  excluded: { code: string; message: string; count: number; examples?: { id: string; name: string }[] }[];
  sample: { id: string; name: string; changes: { field: string; old: unknown; new: unknown }[] }[];
  /** False when only some were tried, and the figures are in proportion. */
  is_exact?: boolean;
  evaluated?: number;
}

interface Props {
  preview: Preview;
  changes: Change[];
  fields: FieldDef[];
}

/** What the changes would do: how many, who is left out and why, and some of them before and after. */
export function BulkPreview({ preview, changes, fields }: Props) {
  const { t } = useTranslation();
  const f = useFormats();
  const about = preview.is_exact === false;
  const label = (name: string) => fields.find((x) => x.name === name)?.label ?? name;
  const text = (v: unknown, name: string) => valueText(v, name, fields, f.locale);
  const figure = (n: number) => (about ? t('customerList.bulk.aboutN', { n: f.number(n) }) : f.number(n));
  const excluded = preview.excluded ?? [];
  return (
    <Stack gap="sm" aria-live="polite">
      <ul className={classes.said} aria-label={t('customerList.bulk.whatChanges')}>
        {changes.map((c) => (
          <li key={`${c.field}/${c.op}`}>
            <b>{label(c.field)}</b> {t(`customerList.bulk.op.${c.op}`)}{' '}
            {c.op !== 'clear' && c.field !== 'groups' && c.field !== 'reseller' && (
              <b>{text(c.value, c.field)}</b>
            )}
          </li>
        ))}
      </ul>
      <dl className={classes.figures}>
        <Figure label={t('customerList.bulk.matching')} value={f.number(preview.matching)} />
        <Figure label={t('customerList.bulk.willChange')} value={figure(preview.will_change)} />
        <Figure label={t('customerList.bulk.unchanged')} value={figure(preview.unchanged)} />
        <Figure
          label={t('customerList.bulk.excluded')}
          value={figure(excluded.reduce((n, e) => n + e.count, 0))}
        />
      </dl>
      {about && (
        <Text c="dimmed">{t('customerList.bulk.about', { n: f.number(preview.evaluated ?? 0) })}</Text>
      )}
      {excluded.map((e) => (
        <Text key={e.code}>
          <b>
            {about
              ? t('customerList.bulk.excludedAbout', { n: f.number(e.count) })
              : t('customerList.bulk.excludedCount', { count: e.count, n: f.number(e.count) })}
          </b>{' '}
          {sentence(e.code, e.message)}
          {e.examples?.length ? (
            <span className="muted"> ({f.list(e.examples.map((x) => x.name))})</span>
          ) : null}
        </Text>
      ))}
      {preview.sample?.length > 0 && (
        <div className={classes.box} tabIndex={0} role="region" aria-label={t('customerList.bulk.sample')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('grid.fields.name')}</th>
                <th scope="col">{t('grid.filter.field')}</th>
                <th scope="col">{t('customerList.bulk.old')}</th>
                <th scope="col">{t('customerList.bulk.new')}</th>
              </tr>
            </thead>
            <tbody>
              {preview.sample.flatMap((row) =>
                row.changes.map((c) => (
                  <tr key={`${row.id}/${c.field}`}>
                    <td>{row.name || row.id}</td>
                    <td>{label(c.field)}</td>
                    <td>
                      <span className={classes.old}>{text(c.old, c.field) || '–'}</span>
                    </td>
                    <td>{text(c.new, c.field) || '–'}</td>
                  </tr>
                )),
              )}
            </tbody>
          </table>
        </div>
      )}
    </Stack>
  );
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** Any value of a difference as text: names of references and codes, labels of choices. */
function valueText(v: unknown, name: string, fields: FieldDef[], locale: string): string {
  if (v === null || v === undefined) return '';
  if (Array.isArray(v)) return v.map((x) => valueText(x, name, fields, locale)).join(', ');
  if (typeof v === 'object')
    return String(cellValue(v as never, 'name') ?? cellValue(v as never, 'id') ?? JSON.stringify(v));
  if (isCodeKind(name)) return codeName(name, String(v), locale);
  return fields.find((f) => f.name === name)?.choices?.find((c) => c.value === String(v))?.label ?? String(v);
}
