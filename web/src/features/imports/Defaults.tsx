import { useEffect, useState } from 'react';
import { ActionIcon, Select, TagsInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { FieldValue } from '@/features/customers/list/FieldValue';
import type { FieldDef } from '@/grid';
import classes from './imports.module.css';
import type { Import } from './types';

interface Props {
  imp: Import;
  fields: FieldDef[];
  onChange: (defaults: Record<string, string>) => void;
}

/** Values for what the file does not say. Kept back a moment, so that typing does not send each letter. */
export function Defaults({ imp, fields, onChange }: Props) {
  const { t } = useTranslation();
  const [values, setValues] = useState<Record<string, string>>(imp.defaults ?? {});
  const server = JSON.stringify(imp.defaults ?? {});
  const here = JSON.stringify(values);
  useEffect(() => {
    setValues(JSON.parse(server) as Record<string, string>);
  }, [server]);
  useEffect(() => {
    if (here === server) return;
    const timer = setTimeout(() => onChange(JSON.parse(here) as Record<string, string>), 500);
    return () => clearTimeout(timer);
  }, [here]); // eslint-disable-line react-hooks/exhaustive-deps -- only what was typed here is sent
  const usable = fields.filter(
    (f) => f.importable !== false && f.editable !== false && f.name !== 'reference' && f.name !== 'email',
  );
  const chosen = Object.keys(values).flatMap((name) => fields.find((f) => f.name === name) ?? []);
  return (
    <section className={classes.card} aria-labelledby="import-defaults">
      <h2 id="import-defaults" className={classes.cardTitle}>
        {t('imports.defaults.title')}
      </h2>
      <p className={classes.cardText}>{t('imports.defaults.text')}</p>
      <div className={classes.fields}>
        {chosen.map((f) => (
          <div key={f.name} className={classes.default}>
            {f.type === 'multiref' ? (
              <TagsInput
                label={f.label}
                description={t('imports.defaults.names')}
                value={(values[f.name] ?? '').split(';').filter((x) => x !== '')}
                onChange={(v) => setValues({ ...values, [f.name]: v.join(';') })}
              />
            ) : (
              <FieldValue
                size="sm"
                field={f}
                label={f.label}
                value={values[f.name] ?? ''}
                onChange={(v) => setValues({ ...values, [f.name]: Array.isArray(v) ? v.join(';') : v })}
              />
            )}
            <ActionIcon
              aria-label={t('grid.filter.remove', { name: f.label })}
              onClick={() =>
                setValues(Object.fromEntries(Object.entries(values).filter(([k]) => k !== f.name)))
              }
            >
              <IconX size={16} />
            </ActionIcon>
          </div>
        ))}
        <Select
          searchable
          label={t('imports.defaults.add')}
          placeholder={t('customerList.bulk.field')}
          value={null}
          data={usable.filter((f) => !(f.name in values)).map((f) => ({ value: f.name, label: f.label }))}
          onChange={(name) => name && setValues({ ...values, [name]: '' })}
        />
      </div>
    </section>
  );
}
