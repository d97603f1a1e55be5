import type { TFunction } from 'i18next';
import type { RoleInfo } from '@/api/types';
import { roleName } from '@/features/roles/data';
import type { FieldDef } from '@/grid';

/** Roles and statuses by their names, also where the server lists none. */
export function namedChoices(field: FieldDef, t: TFunction, roles: RoleInfo[]): FieldDef['choices'] {
  if (field.name === 'role') return roles.map((r) => ({ value: r.role, label: roleName(t, r.role, roles) }));
  if (field.name === 'status')
    return ['active', 'disabled'].map((value) => ({ value, label: t(`staff.${value}`) }));
  return field.choices;
}
