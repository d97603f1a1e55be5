import { useState } from 'react';
import { MultiSelect, Select, TextInput, type MantineSize } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Reference } from '@/api/types';
import { useRefOptions, type FieldDef } from '@/grid';

interface Props {
  field: FieldDef;
  value: string | string[];
  onChange: (v: string | string[]) => void;
  label?: string;
  size?: MantineSize;
  error?: string;
}

/** Countries, currencies, languages and zones come from the reference data. */
function useReferenceOptions(field: FieldDef): { value: string; label: string }[] | null {
  const wanted = ['country', 'currency', 'language', 'timezone'].includes(field.name);
  const { data } = useQuery({
    queryKey: ['reference'],
    enabled: wanted,
    staleTime: Infinity,
    queryFn: ({ signal }) => api.get<Reference>('/reference', { signal }),
  });
  if (!wanted || !data) return null;
  switch (field.name) {
    case 'country':
      return data.countries.map((c) => ({ value: c.code, label: c.name }));
    case 'currency':
      return data.currencies.map((c) => ({ value: c.code, label: `${c.code} · ${c.name}` }));
    case 'language':
      return data.languages.map((l) => ({ value: l.code, label: l.name }));
    default:
      return data.timezones.map((z) => ({ value: z, label: z }));
  }
}

/** An input that fits a field's type, for bulk changes and defaults. */
export function FieldValue({ field, value, onChange, label, size = 'xs', error }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, 200);
  const options = useRefOptions(field, field.choices?.length ? '' : q);
  const reference = useReferenceOptions(field);
  const common = {
    size,
    error,
    label,
    'aria-label': label ? undefined : t('grid.filter.value'),
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
  if (reference || field.type === 'ref' || field.choices?.length) {
    return (
      <Select
        {...common}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': t('action.clear') }}
        limit={200}
        data={reference ?? options}
        value={one || null}
        onChange={(v) => onChange(v ?? '')}
        onSearchChange={reference || field.choices?.length ? undefined : setTyped}
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
