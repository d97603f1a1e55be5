import { queryOptions, useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { api } from '@/api/client';
import type { List, MaskInfo, PermissionInfo, RoleInfo } from '@/api/types';
import { useSession } from '@/app/session';

export const rolesQuery = queryOptions({
  queryKey: ['roles'],
  queryFn: async ({ signal }) => (await api.get<List<RoleInfo>>('/roles', { signal })).items,
});

export const permissionsQuery = queryOptions({
  queryKey: ['permissions'],
  queryFn: async ({ signal }) => (await api.get<List<PermissionInfo>>('/permissions', { signal })).items,
  staleTime: Infinity,
});

export const masksQuery = queryOptions({
  queryKey: ['masks'],
  queryFn: async ({ signal }) => (await api.get<List<MaskInfo>>('/masks', { signal })).items,
  staleTime: Infinity,
});

/** What a mask hides, in the reader's language. */
export function maskText(t: TFunction, m: MaskInfo): string {
  return t(`mask.${m.id}`, { defaultValue: m.sentence });
}

const none: RoleInfo[] = [];

/** Every role, for those who may see them; else none. */
export function useRoles(): RoleInfo[] {
  const may = useSession()?.permissions.includes('role.read') ?? false;
  return useQuery({ ...rolesQuery, enabled: may }).data ?? none;
}

/** A role by its name: those that ship in the reader's language, the operator's own as they are called. */
export function roleName(t: TFunction, key: string, roles: RoleInfo[]): string {
  const own = roles.find((r) => r.role === key && !r.ships)?.name;
  return own ?? t(`role.${key}`, { defaultValue: key });
}

/** One line about a role. */
export function roleText(t: TFunction, key: string | undefined, roles: RoleInfo[]): string {
  const own = roles.find((r) => r.role === key && !r.ships);
  return own ? own.description : t(`roleText.${key}`, { defaultValue: '' });
}

/** The roles to choose from, with those that somebody has already. */
export function roleChoices(t: TFunction, roles: RoleInfo[], mine: string[]) {
  const keys = new Set([...roles.map((r) => r.role), ...mine]);
  return [...keys].map((value) => ({ value, label: roleName(t, value, roles) }));
}

/** What a permission lets one do, in the reader's language. */
export function sentence(t: TFunction, p: PermissionInfo): string {
  return t(`permission.${p.area}.${p.action}`, { defaultValue: p.sentence });
}

export function areaName(t: TFunction, area: string): string {
  return t(`permissionArea.${area}`, { defaultValue: area.replaceAll('_', ' ') });
}

/** Permissions by what they are about, in the order of the server. */
export function byArea(all: PermissionInfo[]): { area: string; permissions: PermissionInfo[] }[] {
  const out: { area: string; permissions: PermissionInfo[] }[] = [];
  for (const p of all) {
    const there = out.find((a) => a.area === p.area);
    if (there) there.permissions.push(p);
    else out.push({ area: p.area, permissions: [p] });
  }
  return out;
}
