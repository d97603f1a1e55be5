import { useCallback } from 'react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { Job } from '@/api/types';
import { isBusy, type Import, type Mapping } from './types';

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

/** Changes of a draft, one after the other, each against the version the last one made. They show at once. */
export function usePatchImport(id: string) {
  const client = useQueryClient();
  const mutationKey = ['patch-import', id];
  const { mutate, error, isPending } = useMutation({
    mutationKey,
    scope: { id: `import-${id}` },
    mutationFn: (patch: Partial<Import>) =>
      api.patch<Import>(`/imports/${id}`, patch, {
        version: client.getQueryData<Import>(keyOf(id))?.version,
      }),
    onSuccess: (next) => {
      // While more changes wait, what is on screen is ahead of this answer: only its version counts.
      const more = client.isMutating({ mutationKey }) > 1;
      client.setQueryData<Import>(keyOf(id), (old) =>
        more && old ? { ...old, version: next.version } : next,
      );
    },
    onError: () => void client.invalidateQueries({ queryKey: keyOf(id) }),
  });
  const change = useCallback(
    (patch: Partial<Import>) => {
      client.setQueryData<Import>(keyOf(id), (old) => old && { ...old, ...patch });
      mutate(patch);
    },
    [client, id, mutate],
  );
  return { change, error, isPending };
}

/** check, run, undo: each answers with a job. */
export function useImportAction(id: string, action: 'check' | 'run' | 'undo') {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.post<Job>(`/imports/${id}/${action}`, {}),
    onSuccess: () => client.invalidateQueries({ queryKey: ['imports'] }),
  });
}

/** Another mapping for what was checked already, and the check again: one step, since the first ends the page it stands on. */
export function useCheckAgain(imp: Import) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (mapping: Mapping[]) => {
      await api.patch<Import>(`/imports/${imp.id}`, { mapping }, { version: imp.version });
      return api.post<Job>(`/imports/${imp.id}/check`, {});
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['imports'] }),
  });
}

export function useRefreshImport(id: string) {
  const client = useQueryClient();
  return useCallback(() => {
    void client.invalidateQueries({ queryKey: ['imports'] });
    void client.invalidateQueries({ queryKey: ['import-rows', id] });
  }, [client, id]);
}
