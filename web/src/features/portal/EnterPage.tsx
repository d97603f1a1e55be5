import { Button, Loader, Stack } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { queryClient } from '@/app/query';
import { BarePage } from '@/features/access/BarePage';
import { ProblemAlert } from '@/ui/ProblemAlert';

// A link works once; the page may be drawn twice.
const used = new Set<string>();

/** /portal/enter#<token>: where the link of staff leads. What stands behind # never leaves the browser but in the body. */
export default function EnterPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    const token = window.location.hash.slice(1);
    if (used.has(token)) return;
    used.add(token);
    window.history.replaceState(window.history.state, '', '/portal/enter');
    api.post('/impersonation', { token }).then(
      async () => {
        queryClient.clear();
        await navigate({ to: '/portal', replace: true });
      },
      (problem: unknown) => setError(problem),
    );
  }, [navigate]);
  return (
    <BarePage title={t('openPortal.entering')} text={error ? t('openPortal.notEntered') : undefined}>
      {error ? (
        <Stack gap="md">
          <ProblemAlert error={error} />
          <Button component="a" href="/customers" variant="default" fullWidth>
            {t('openPortal.toConsole')}
          </Button>
        </Stack>
      ) : (
        <Loader size="sm" aria-label={t('openPortal.entering')} />
      )}
    </BarePage>
  );
}
