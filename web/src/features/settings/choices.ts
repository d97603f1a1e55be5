import type { TFunction } from 'i18next';
import type { FieldDef } from '@/grid';

const roles = ['admin', 'manager', 'support', 'read_only'];

/** Roles and statuses by their names, also where the server lists none. */
export function namedChoices(field: FieldDef, t: TFunction): FieldDef['choices'] {
  if (field.name === 'role') return roles.map((value) => ({ value, label: t(`role.${value}`) }));
  if (field.name === 'status')
    return ['active', 'disabled'].map((value) => ({ value, label: t(`staff.${value}`) }));
  return field.choices;
}
