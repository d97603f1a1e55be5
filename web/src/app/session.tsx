import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, isApiError } from '@/api/client';
import type { Session } from '@/api/types';

/** null = nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: 5 * 60_000,
  retry: false,
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return await api.get<Session>('/session', { signal });
    } catch (error) {
      if (isApiError(error) && error.status === 401) return null;
      throw error;
    }
  },
});

export function useSession(): Session | null {
  return useQuery(sessionQuery).data ?? null;
}

/** Whether the signed-in person may do this; undefined asks for nothing. */
export function usePermission(permission?: string): boolean {
  const session = useSession();
  return allowed(session, permission);
}

export function useCan(): (permission?: string, whole?: boolean) => boolean {
  const session = useSession();
  return (permission, whole) => allowed(session, permission, whole);
}

/** whole: for those alone who see everything, and not the customers of a reseller. */
export function allowed(session: Session | null | undefined, permission?: string, whole?: boolean): boolean {
  if (whole && session?.root) return false;
  if (permission === undefined) return true;
  return session?.permissions.includes(permission) ?? false;
}
