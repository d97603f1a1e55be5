import { queryOptions } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { components } from '@/api/schema';

type S = components['schemas'];
export type Provider = S['ProviderBody'];
export type ProviderLink = S['ProviderLinkBody'];
export type WayIn = S['WayInBody'];

export const providersQuery = queryOptions({
  queryKey: ['sign-in-providers'],
  queryFn: async ({ signal }) =>
    (await api.get<{ items: Provider[] }>('/sign-in-providers', { signal })).items,
});

/** What the sign-in page offers. */
export const waysInQuery = queryOptions({
  queryKey: ['ways-in'],
  queryFn: async ({ signal }) => (await api.get<{ items: WayIn[] }>('/session/providers', { signal })).items,
});

/** Of oneself, or of a staff user. */
export const linksPath = (staff?: string) =>
  staff ? `/staff/${staff}/provider-links` : '/session/provider-links';

export const linksQuery = (staff?: string) =>
  queryOptions({
    queryKey: ['provider-links', staff ?? ''],
    queryFn: async ({ signal }) =>
      (await api.get<{ items: ProviderLink[] }>(linksPath(staff), { signal })).items,
  });
