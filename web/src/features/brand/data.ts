import { queryOptions } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { components } from '@/api/schema';

export type BrandRecord = components['schemas']['BrandBody'];
export type BrandColors = components['schemas']['BrandColors'];

/** What the operator ("operator") or a reseller has decided, and what comes of it. */
export const brandQuery = (of: string) =>
  queryOptions({
    queryKey: ['brands', of],
    queryFn: ({ signal }) => api.get<BrandRecord>(`/brands/${of}`, { signal }),
  });

/** The shades that would be shown of a colour. */
export const colorsQuery = (color: string) =>
  queryOptions({
    queryKey: ['brand-colors', color],
    queryFn: ({ signal }) => api.get<BrandColors>('/brand-colors', { query: { color }, signal }),
    enabled: /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(color),
    staleTime: Infinity,
    retry: false,
  });
