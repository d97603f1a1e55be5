import { queryOptions } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { components } from '@/api/schema';
import { queryClient } from '@/app/query';
import { sessionQuery } from '@/app/session';

type S = components['schemas'];
export type SessionInfo = S['SessionInfo'];
export type AppKey = S['AppBody'];

export const secondQuery = queryOptions({
  queryKey: ['account', 'second'],
  queryFn: ({ signal }) => api.get<S['SecondFactors']>('/session/second-factor', { signal }),
});

export const passkeysQuery = queryOptions({
  queryKey: ['account', 'passkeys'],
  queryFn: async ({ signal }) =>
    (await api.get<{ items: S['PasskeyBody'][] }>('/session/passkeys', { signal })).items,
});

export const ownSessionsQuery = queryOptions({
  queryKey: ['account', 'sessions'],
  queryFn: async ({ signal }) => (await api.get<{ items: SessionInfo[] }>('/session/all', { signal })).items,
});

export const staffSessionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['staff-sessions', id],
    queryFn: async ({ signal }) =>
      (await api.get<{ items: SessionInfo[] }>(`/staff/${id}/sessions`, { signal })).items,
  });

/** After a change of how somebody signs in: what is shown of it, and what they may do, is read again. */
export async function changed(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: ['account'] });
  await queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
}

const browsers: [RegExp, string][] = [
  [/\bEdg\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\//, 'Firefox'],
  [/\bHeadlessChrome\/|\bChrome\//, 'Chrome'],
  [/\bVersion\/.*Safari\//, 'Safari'],
];
const systems: [RegExp, string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
];

/** A browser by the names people know; whatever else calls itself by its first word. */
export function device(agent: string): string {
  const named = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(agent))?.[1];
  const parts = [named(browsers), named(systems)].filter((p) => p !== undefined);
  return parts.join(' · ') || (agent.split(/[\s/]/)[0] ?? '');
}
