import type { ReactNode } from 'react';
import { Select } from '@mantine/core';
import { IconAlertTriangle, IconArchive, IconCheck, IconLock, IconMinus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FieldDef } from '@/grid';
import classes from './imports.module.css';
import {
  assign,
  columnName,
  DAY_ORDERS,
  dayOrderOf,
  fieldOf,
  IF_BLANK,
  isGuess,
  isKept,
  isSecret,
  KEPT_FIELDS,
  writeDays,
  type DayOrder,
} from './mapping';
import type { Import, ImportColumn, Mapping } from './types';

interface Props {
  imp: Import;
  fields: FieldDef[];
  onChange: (m: Mapping[]) => void;
  preset: ReactNode;
}

const SAMPLES = 3;

/** Each column of the file: what is in it and where it goes. */
export function MappingTable({ imp, fields, onChange, preset }: Props) {
  const { t } = useTranslation();
  const used = new Set(imp.mapping.map((m) => m.field));
  const named = fields.filter((f) => (f.importable !== false || f.name === 'customer_id') && !isKept(f.name));
  const options = [
    ...named.map((f) => ({ value: f.name, label: f.label })),
    ...KEPT_FIELDS.map((f) => ({ value: f as string, label: t(`imports.kept.${f}`) })),
  ];
  return (
    <section className={classes.card} aria-labelledby="import-columns">
      <div className={classes.cardHead}>
        <h2 id="import-columns" className={classes.cardTitle}>
          {t('imports.columns.title')}
        </h2>
        {preset}
      </div>
      <div className={classes.mapping} role="table" aria-labelledby="import-columns">
        <div role="row" className={classes.mapHead}>
          <span role="columnheader">{t('imports.columns.column')}</span>
          <span role="columnheader">{t('imports.columns.sample')}</span>
          <span role="columnheader">{t('imports.columns.field')}</span>
          <span role="columnheader">{t('imports.columns.note')}</span>
        </div>
        {imp.columns.map((c) => {
          const field = fieldOf(imp.mapping, c.index);
          const name = columnName(c);
          const spare = imp.mapping.some((m) => m.column === c.index && m.transform === IF_BLANK);
          const days = !spare && fields.some((f) => f.name === field && f.type === 'day');
          const samples = (c.sample ?? []).filter((s) => s.trim() !== '').slice(0, SAMPLES);
          return (
            <div role="row" key={c.index} className={classes.mapRow} data-off={!field || undefined}>
              <span role="cell" className={classes.mapName}>
                {name}
              </span>
              <span role="cell" className={classes.mapSample} title={samples.join(' · ')}>
                {isSecret(c) ? '••••••' : samples.join(' · ') || '–'}
              </span>
              <span role="cell" className={classes.mapField}>
                <Select
                  size="xs"
                  disabled={isSecret(c)}
                  searchable
                  clearable
                  clearButtonProps={{ 'aria-label': t('imports.columns.clear', { name }) }}
                  aria-label={t('imports.columns.fieldFor', { name })}
                  placeholder={t('imports.columns.ignore')}
                  data={options.map((o) =>
                    used.has(o.value) && o.value !== field ? { ...o, label: `${o.label} ✓` } : o,
                  )}
                  value={field || null}
                  onChange={(v) => onChange(assign(imp.mapping, c.index, v ?? ''))}
                  maxDropdownHeight={280}
                />
                {days && (
                  <Select
                    size="xs"
                    allowDeselect={false}
                    aria-label={t('imports.days.for', { name })}
                    data={['auto', ...DAY_ORDERS].map((o) => ({ value: o, label: t(`imports.days.${o}`) }))}
                    value={dayOrderOf(imp.mapping, c.index) ?? 'auto'}
                    onChange={(v) =>
                      onChange(writeDays(imp.mapping, [c.index], v === 'auto' ? '' : (v as DayOrder)))
                    }
                  />
                )}
              </span>
              <span role="cell" className={classes.mapNote}>
                <Note column={c} field={field} spare={spare} />
              </span>
            </div>
          );
        })}
      </div>
    </section>
  );
}

function Note({ column, field, spare }: { column: ImportColumn; field: string; spare: boolean }) {
  const { t } = useTranslation();
  const own = column.suggested?.reason === 'read_only';
  const [Icon, text, tone] = isSecret(column)
    ? ([IconLock, t('imports.columns.secret'), 'mute'] as const)
    : !field
      ? ([IconMinus, t(own ? 'imports.columns.readOnly' : 'imports.columns.ignored'), 'mute'] as const)
      : isKept(field)
        ? ([IconArchive, t('imports.columns.kept'), 'warn'] as const)
        : isGuess(column, field)
          ? ([IconAlertTriangle, t('imports.columns.guess'), 'warn'] as const)
          : ([IconCheck, t(spare ? 'imports.columns.spare' : 'imports.columns.taken'), 'ok'] as const);
  return (
    <span className={classes.note} data-tone={tone}>
      <Icon size={14} aria-hidden />
      {text}
    </span>
  );
}
