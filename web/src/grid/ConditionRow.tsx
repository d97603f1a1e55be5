import { useState } from 'react';
import { ActionIcon, MultiSelect, Select, TagsInput, TextInput, type ComboboxData } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './filter.module.css';
import { DATE_PRESETS, presetValue, type DatePreset } from './model/dates';
import { dayOf } from './model/dates';
import { defaultOp, opsFor, refit, takesMany, takesNothing, takesTwo } from './model/filter';
import { opFamily } from './model/filterText';
import type { Condition, FieldDef, FilterOp, FilterValue } from './model/types';
import { hasPlace, useRefOptions } from './refs';

interface Props {
  condition: Condition;
  fields: FieldDef[];
  byName: Map<string, FieldDef>;
  autoFocus?: boolean;
  onChange: (next: Condition) => void;
  onRemove: () => void;
}

/** Fields under the headings the server gives them. */
export function fieldOptions(fields: FieldDef[], heading: (group: string) => string): ComboboxData {
  const groups = new Map<string, { value: string; label: string }[]>();
  for (const f of fields) {
    const g = f.group ?? '';
    groups.set(g, [...(groups.get(g) ?? []), { value: f.name, label: f.label }]);
  }
  if (groups.size < 2) return fields.map((f) => ({ value: f.name, label: f.label }));
  return [...groups].map(([group, items]) => ({ group: heading(group), items }));
}

const PRESET = 'preset:';

export function ConditionRow({ condition: c, fields, byName, onChange, onRemove }: Props) {
  const { t } = useTranslation();
  const field = byName.get(c.field) ?? { name: c.field, label: c.field, type: 'text' as const };
  const family = opFamily(field);
  const ops = opsFor(field).map((op) => ({ value: op as string, label: t(`grid.op.${family}.${op}`) }));
  const opData: ComboboxData =
    family === 'date' && field.type !== undefined && opsFor(field).includes('between')
      ? [
          { group: t('grid.filter.date'), items: ops },
          {
            group: t('grid.filter.relative'),
            items: DATE_PRESETS.map((p) => ({ value: PRESET + p, label: t(`grid.preset.${p}`) })),
          },
        ]
      : ops;

  const setField = (name: string | null) => {
    const f = name ? byName.get(name) : undefined;
    if (!f) return;
    const op = defaultOp(f);
    onChange({
      field: f.name,
      op,
      value: f.type === 'bool' ? 'true' : opFamily(f) === family ? refit(c.value, op) : '',
    });
  };
  const setOp = (op: string | null) => {
    if (!op) return;
    if (op.startsWith(PRESET)) {
      const value = presetValue(op.slice(PRESET.length) as DatePreset, 'day', new Date());
      onChange({ ...c, op: 'between', value });
    } else onChange({ ...c, op: op as FilterOp, value: refit(c.value, op as FilterOp) });
  };

  return (
    <div className={classes.condition}>
      <Select
        size="xs"
        searchable
        allowDeselect={false}
        aria-label={t('grid.filter.field')}
        data={fieldOptions(fields, (g) => t(`grid.headings.${g}`, { defaultValue: g }))}
        value={c.field}
        onChange={setField}
        className={classes.field}
        maxDropdownHeight={320}
      />
      <Select
        size="xs"
        allowDeselect={false}
        aria-label={t('grid.filter.operator')}
        data={opData}
        value={c.op}
        onChange={setOp}
        className={classes.op}
        maxDropdownHeight={360}
      />
      <div className={classes.value}>
        {!takesNothing(c.op) && (
          <ValueEditor
            field={field}
            op={c.op}
            value={c.value}
            onChange={(value) => onChange({ ...c, value })}
          />
        )}
      </div>
      <ActionIcon size={30} aria-label={t('grid.filter.remove', { name: field.label })} onClick={onRemove}>
        <IconX size={16} />
      </ActionIcon>
    </div>
  );
}

interface ValueProps {
  field: FieldDef;
  op: FilterOp;
  value: FilterValue | undefined;
  onChange: (v: FilterValue) => void;
}

function ValueEditor(p: ValueProps) {
  const { t } = useTranslation();
  const label = t('grid.filter.value');
  const family = opFamily(p.field);
  if (p.field.type === 'bool') {
    const data = [
      { value: 'true', label: t('state.yes') },
      { value: 'false', label: t('state.no') },
    ];
    return (
      <Select
        size="xs"
        aria-label={label}
        allowDeselect={false}
        data={data}
        value={String(p.value ?? 'true')}
        onChange={(v) => p.onChange(v ?? 'true')}
      />
    );
  }
  if (family === 'choice' && hasPlace(p.field)) return <ChoiceEditor {...p} />;
  if (takesMany(p.op)) {
    const list = Array.isArray(p.value) ? p.value.map(String).filter(Boolean) : [];
    return (
      <TagsInput
        size="xs"
        aria-label={label}
        value={list}
        onChange={p.onChange}
        placeholder={list.length ? '' : t('grid.filter.several')}
      />
    );
  }
  const kind = family === 'date' ? 'date' : 'text';
  const mode = family === 'number' ? ('decimal' as const) : undefined;
  const one = (v: unknown, set: (s: string) => void, name: string) => (
    <TextInput
      size="xs"
      type={kind}
      inputMode={mode}
      aria-label={name}
      value={kind === 'date' ? dayOf(v) : String(v ?? '')}
      onChange={(e) => set(family === 'number' ? e.target.value.replace(',', '.') : e.target.value)}
    />
  );
  if (takesTwo(p.op)) {
    const [a, b] = Array.isArray(p.value) ? p.value.map(String) : ['', ''];
    return (
      <div className={classes.two}>
        {one(a, (s) => p.onChange([s, b ?? '']), t('grid.filter.from'))}
        <span aria-hidden>–</span>
        {one(b, (s) => p.onChange([a ?? '', s]), t('grid.filter.to'))}
      </div>
    );
  }
  return one(Array.isArray(p.value) ? p.value[0] : p.value, p.onChange, label);
}

function ChoiceEditor({ field, op, value, onChange }: ValueProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(field.choices?.length ? '' : typed, 200);
  const options = useRefOptions(field, q);
  const label = t('grid.filter.value');
  if (takesMany(op)) {
    const list = Array.isArray(value) ? value.map(String).filter(Boolean) : [];
    return (
      <MultiSelect
        size="xs"
        searchable
        aria-label={label}
        data={options}
        value={list}
        onChange={onChange}
        onSearchChange={setTyped}
        placeholder={list.length ? '' : t('grid.filter.choose')}
      />
    );
  }
  return (
    <Select
      size="xs"
      searchable
      aria-label={label}
      data={options}
      value={value === undefined || value === '' ? null : String(value)}
      onChange={(v) => onChange(v ?? '')}
      onSearchChange={field.choices?.length ? undefined : setTyped}
      placeholder={t('grid.filter.choose')}
    />
  );
}
