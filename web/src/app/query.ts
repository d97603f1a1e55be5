import { QueryClient } from '@tanstack/react-query';
import { isApiError } from '@/api/client';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => {
        // Only what may pass by itself is tried again.
        const passing = !isApiError(error) || error.status === 0 || error.status === 503;
        return passing && count < 2;
      },
    },
  },
});
