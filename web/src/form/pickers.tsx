import { Loader, MultiSelect, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Customer, Group, List, Ref } from '@/api/types';

interface Common {
  name?: string;
  label: string;
  description?: string;
  error?: React.ReactNode;
  required?: boolean;
  disabled?: boolean;
}

/** All groups, for pick-lists. An operator has tens of them, not thousands. */
export const allGroupsQuery = queryOptions({
  queryKey: ['groups', 'all'],
  queryFn: async ({ signal }) =>
    (await api.get<List<Group>>('/groups', { query: { limit: 1000, sort: 'name' }, signal })).items,
  staleTime: 60_000,
});

interface GroupsPickerProps extends Common {
  /** IDs of groups. */
  value: string[];
  onChange: (ids: string[]) => void;
}

export function GroupsPicker({ value, onChange, ...rest }: GroupsPickerProps) {
  const { t } = useTranslation();
  const groups = useQuery(allGroupsQuery);
  const data = useMemo(() => (groups.data ?? []).map((g) => ({ value: g.id, label: g.name })), [groups.data]);
  return (
    <MultiSelect
      {...rest}
      data={data}
      // Until the names are there, nothing is shown rather than raw IDs.
      value={groups.data ? value.filter((id) => data.some((d) => d.value === id)) : []}
      onChange={onChange}
      searchable
      clearable
      hidePickedOptions
      disabled={rest.disabled || groups.isPending}
      rightSection={groups.isPending ? <Loader size={14} /> : undefined}
      nothingFoundMessage={t('form.noMatch')}
      clearButtonProps={{ 'aria-label': t('form.clear', { name: rest.label }) }}
      comboboxProps={{ shadow: 'md' }}
    />
  );
}

interface CustomerPickerProps extends Common {
  value: Ref | null;
  onChange: (value: Ref | null) => void;
  /** Only customers of this kind. */
  kind?: Customer['kind'];
  /** Not offered: the record itself. */
  exclude?: string;
  placeholder?: string;
}

/** Finds one customer on the server while the person types. */
export function CustomerPicker({
  value,
  onChange,
  kind,
  exclude,
  placeholder,
  ...rest
}: CustomerPickerProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [late] = useDebouncedValue(typed, 180);
  const q = late === value?.name ? '' : late;
  const filter = kind ? JSON.stringify({ field: 'kind', op: 'eq', value: kind }) : undefined;
  const found = useQuery({
    queryKey: ['customers', 'pick', kind ?? '', q],
    queryFn: ({ signal }) =>
      api.get<List<Customer>>('/customers', {
        query: { q, filter, sort: 'name', limit: 20, total: 'none' },
        signal,
      }),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const data = useMemo(() => {
    const items = (found.data?.items ?? []).filter((c) => c.id !== exclude);
    const options = items.map((c) => ({ value: c.id, label: c.name, code: c.customer_id }));
    if (value && !options.some((o) => o.value === value.id)) {
      options.unshift({ value: value.id, label: value.name, code: '' });
    }
    return options;
  }, [found.data, value, exclude]);
  return (
    <Select
      {...rest}
      data={data}
      value={value?.id ?? null}
      onChange={(id) => onChange(id ? { id, name: data.find((d) => d.value === id)?.label ?? id } : null)}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      // The server has done the matching.
      filter={({ options }) => options}
      clearable
      allowDeselect={false}
      placeholder={placeholder}
      rightSection={found.isFetching ? <Loader size={14} /> : undefined}
      nothingFoundMessage={found.isFetching ? t('state.loading') : t('form.noMatch')}
      clearButtonProps={{ 'aria-label': t('form.clear', { name: rest.label }) }}
      comboboxProps={{ shadow: 'md' }}
    />
  );
}

export function ResellerPicker(props: Omit<CustomerPickerProps, 'kind'>) {
  return <CustomerPicker {...props} kind="reseller" />;
}
