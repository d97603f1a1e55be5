import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { isApiError } from '@/api/client';
import { NotFound } from '@/app/pages';
import { PageHeader } from './PageHeader';
import { ProblemAlert } from './ProblemAlert';

interface Props {
  error: unknown;
  title: string;
  back: { to: string; label: string };
  onRetry: () => void;
}

/** It is not there any more, whatever is still in memory of it. */
export const isGone = (error: unknown) => isApiError(error) && error.status === 404;

/** In place of a record's page when the record cannot be had: what is wrong, a way back, and another try. */
export function RecordError({ error, title, back, onRetry }: Props) {
  const { t } = useTranslation();
  if (isGone(error)) return <NotFound />;
  return (
    <>
      <PageHeader title={title} back={back} />
      <ProblemAlert error={error} />
      <Button variant="default" mt="md" onClick={onRetry}>
        {t('action.retry')}
      </Button>
    </>
  );
}
