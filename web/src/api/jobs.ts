import { queryOptions, useQuery } from '@tanstack/react-query';
import { api } from './client';
import type { Job, List } from './types';

/** Open jobs move: they come by event, and are asked for slowly in case the stream is down. */
export const recentJobsQuery = queryOptions({
  queryKey: ['jobs', 'recent'],
  queryFn: async ({ signal }) =>
    (await api.get<List<Job>>('/jobs', { query: { limit: 20, sort: '-created_at' }, signal })).items,
  refetchInterval: (query) =>
    query.state.data?.some((j) => j.state === 'running' || j.state === 'queued') ? 5000 : false,
});

export const isFinished = (job: Job | undefined) =>
  job !== undefined && job.state !== 'running' && job.state !== 'queued';

export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ['jobs', 'one', id],
    queryFn: ({ signal }) => api.get<Job>(`/jobs/${id}`, { signal }),
    refetchInterval: (query) => (isFinished(query.state.data) ? false : 2000),
    staleTime: 0,
  });

/** One job that keeps itself up to date until it is finished. */
export function useJob(id: string | undefined) {
  return useQuery({ ...jobQuery(id ?? ''), enabled: id !== undefined });
}
