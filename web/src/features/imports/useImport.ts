import { useCallback } from 'react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { Job } from '@/api/types';
import { isBusy, type Import } from './types';

const keyOf = (id: string) => ['imports', 'one', id];

/** One import that keeps itself up to date while something runs on it. */
export function useImport(id: string) {
  return useQuery({
    queryKey: keyOf(id),
    queryFn: ({ signal }) => api.get<Import>(`/imports/${id}`, { signal }),
    refetchInterval: (q) => (q.state.data && isBusy(q.state.data.state) ? 2000 : false),
    staleTime: 0,
  });
}

/** Changes of a draft, one after the other, each against the version the last one made. */
export function usePatchImport(id: string) {
  const client = useQueryClient();
  return useMutation({
    scope: { id: `import-${id}` },
    mutationFn: (patch: Partial<Import>) =>
      api.patch<Import>(`/imports/${id}`, patch, { version: client.getQueryData<Import>(keyOf(id))?.version }),
    onMutate: (patch) => {
      const before = client.getQueryData<Import>(keyOf(id));
      if (before) client.setQueryData(keyOf(id), { ...before, ...patch });
      return { before };
    },
    onSuccess: (next) => client.setQueryData(keyOf(id), next),
    onError: (_e, _p, ctx) => {
      if (ctx?.before) client.setQueryData(keyOf(id), ctx.before);
      void client.invalidateQueries({ queryKey: keyOf(id) });
    },
  });
}

/** check, run, undo: each answers with a job. */
export function useImportAction(id: string, action: 'check' | 'run' | 'undo') {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.post<Job>(`/imports/${id}/${action}`, {}),
    onSuccess: () => client.invalidateQueries({ queryKey: ['imports'] }),
  });
}

export function useRefreshImport(id: string) {
  const client = useQueryClient();
  return useCallback(() => {
    void client.invalidateQueries({ queryKey: ['imports'] });
    void client.invalidateQueries({ queryKey: ['import-rows', id] });
  }, [client, id]);
}
