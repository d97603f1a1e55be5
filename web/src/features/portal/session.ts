import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, isApiError } from '@/api/client';
import { mustPage } from '@/api/must';
import type { components } from '@/api/schema';
import { queryClient } from '@/app/query';
import { keepCode } from './codeLink';

type S = components['schemas'];
export type PortalSession = S['PortalSession'];
export type PortalContact = S['PortalContact'];
export type PortalCustomer = S['PortalCustomer'];
export type PortalTile = S['PortalTile'];

/** Who is in the portal: a contact, of one customer. */
export const portalSessionQuery = queryOptions({
  queryKey: ['portal', 'session'],
  staleTime: 60_000,
  retry: false,
  queryFn: ({ signal }) => api.get<PortalSession>('/portal/session', { signal }),
});

export function usePortalSession(): PortalSession | undefined {
  return useQuery({ ...portalSessionQuery, enabled: false }).data;
}

export function usePortalCan(): (permission?: string) => boolean {
  const session = usePortalSession();
  return (permission) => permission === undefined || !!session?.permissions?.includes(permission);
}

/** Lets a contact into the portal's frame; for others it is the address where they belong. */
export async function whereInstead(): Promise<string | undefined> {
  keepCode();
  try {
    await queryClient.ensureQueryData(portalSessionQuery);
    return undefined;
  } catch (error) {
    if (!isApiError(error)) throw error;
    if (error.status === 401) return '/portal/sign-in';
    const first = mustPage(error.code);
    if (first) return first;
    if (error.status === 403) return '/customers';
    throw error;
  }
}

export const profileQuery = queryOptions({
  queryKey: ['portal', 'profile'],
  queryFn: ({ signal }) => api.get<PortalContact>('/portal/profile', { signal }),
});

export const verificationQuery = queryOptions({
  queryKey: ['portal', 'verification'],
  queryFn: ({ signal }) => api.get<S['VerificationsBody']>('/portal/verification', { signal }),
});

export const customerQuery = queryOptions({
  queryKey: ['portal', 'customer'],
  queryFn: ({ signal }) => api.get<PortalCustomer>('/portal/customer', { signal }),
});

export const tilesQuery = queryOptions({
  queryKey: ['portal', 'tiles'],
  queryFn: async ({ signal }) =>
    (await api.get<{ tiles: PortalTile[] | null }>('/portal', { signal })).tiles ?? [],
});

export const contactsQuery = (q: string) =>
  queryOptions({
    queryKey: ['portal', 'contacts', q],
    queryFn: ({ signal }) =>
      api.get<{ items: PortalContact[]; next_cursor?: string }>('/portal/contacts', {
        query: { q, limit: 200 },
        signal,
      }),
  });

/** What the portal shows is asked for again after a change. */
export const refresh = () => queryClient.invalidateQueries({ queryKey: ['portal'] });
