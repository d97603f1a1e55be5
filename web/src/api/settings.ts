import { queryOptions } from '@tanstack/react-query';
import { api } from './client';
import type { Settings } from './types';

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => api.get<Settings>('/settings', { signal }),
  staleTime: 60_000,
});
