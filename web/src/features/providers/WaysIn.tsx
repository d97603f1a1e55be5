import { Button } from '@mantine/core';
import { IconLogin2 } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { waysInQuery } from './data';
import { keepNext } from './next';

/** Signing in at a provider, for staff. */
export function WaysIn({ next }: { next?: string }) {
  const { t } = useTranslation();
  const ways = useQuery(waysInQuery);
  const begin = useMutation({
    mutationFn: (provider: string) => api.post<{ url: string }>('/session/provider/begin', { provider }),
    onSuccess: ({ url }) => {
      keepNext(next);
      window.location.assign(url);
    },
  });
  return (
    <>
      <ProblemAlert error={begin.error} />
      {(ways.data ?? []).map((way) => (
        <Button
          key={way.id}
          fullWidth
          variant="default"
          leftSection={<IconLogin2 size={16} />}
          loading={begin.isPending && begin.variables === way.id}
          onClick={() => begin.mutate(way.id)}
        >
          {t('provider.signInWith', { name: way.name })}
        </Button>
      ))}
    </>
  );
}
