import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Field, Ref } from '@/api/types';
import { choiceLabel } from '@/form/fields';
import { allGroupsQuery } from '@/form/pickers';

/** A form value as people read it: names of groups and choices instead of their codes. */
export function useShownValue(fields: Field[]): (field: string, value: unknown) => string {
  const { t } = useTranslation();
  const groups = useQuery(allGroupsQuery).data ?? [];
  return (name, value) => {
    if (value === null || value === undefined || value === '') return '';
    if (name === 'groups' && Array.isArray(value)) {
      return value.map((id) => groups.find((g) => g.id === id)?.name ?? String(id)).join(', ');
    }
    if (name === 'reseller') return (value as Ref).name;
    const field = fields.find((f) => f.name === name);
    const given = field?.choices?.find((c) => c.value === value)?.label;
    return choiceLabel(t, name, String(value), given);
  };
}
