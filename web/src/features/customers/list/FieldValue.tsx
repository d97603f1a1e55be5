import { useState } from 'react';
import { MultiSelect, Select, TextInput, type MantineSize } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { useRefOptions, type FieldDef } from '@/grid';
import { isCodeKind } from '@/i18n/names';

interface Props {
  field: FieldDef;
  value: string | string[];
  onChange: (v: string | string[]) => void;
  label?: string;
  /** Name for those who do not see it, where there is no label. */
  name?: string;
  size?: MantineSize;
  error?: string;
}

/** An input that fits a field's type, for bulk changes and defaults. */
export function FieldValue({ field, value, onChange, label, name, size = 'xs', error }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, 200);
  const fixed = (field.choices?.length ?? 0) > 0 || isCodeKind(field.name);
  const options = useRefOptions(field, fixed ? '' : q);
  const common = {
    size,
    error,
    label,
    'aria-label': label ? undefined : (name ?? t('grid.filter.value')),
  };
  const one = Array.isArray(value) ? (value[0] ?? '') : value;
  if (field.type === 'multiref') {
    return (
      <MultiSelect
        {...common}
        searchable
        data={options}
        value={Array.isArray(value) ? value : []}
        onChange={onChange}
        onSearchChange={setTyped}
      />
    );
  }
  if (fixed || field.type === 'ref') {
    return (
      <Select
        {...common}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': t('form.clear', { name: field.label }) }}
        limit={300}
        data={options}
        value={one || null}
        onChange={(v) => onChange(v ?? '')}
        onSearchChange={fixed ? undefined : setTyped}
      />
    );
  }
  const decimal = field.type === 'number' || field.type === 'int' || field.type === 'money';
  return (
    <TextInput
      {...common}
      type={field.type === 'day' || field.type === 'date' ? 'date' : 'text'}
      inputMode={decimal ? 'decimal' : undefined}
      value={one}
      onChange={(e) => onChange(decimal ? e.target.value.replace(',', '.') : e.target.value)}
    />
  );
}
