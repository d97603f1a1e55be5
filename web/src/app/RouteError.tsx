import { Button, Container } from '@mantine/core';
import { useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from '@/ui/ProblemAlert';

export function RouteError({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  const router = useRouter();
  return (
    <Container size="sm" py="xl">
      <ProblemAlert error={error} />
      <Button
        mt="md"
        variant="default"
        onClick={() => {
          reset();
          void router.invalidate();
        }}
      >
        {t('action.retry')}
      </Button>
    </Container>
  );
}
