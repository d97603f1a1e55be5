import { Button, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { RowsSkeleton } from './FormSkeleton';
import { ProblemAlert } from './ProblemAlert';

interface Props {
  query: { isPending: boolean; isError: boolean; error: unknown; refetch: () => unknown };
  isEmpty: boolean;
  empty: ReactNode;
  children: ReactNode;
  rows?: number;
}

/** One of four: still loading, failed, nothing there, or the content. */
export function ListStates({ query, isEmpty, empty, children, rows }: Props) {
  const { t } = useTranslation();
  if (query.isPending) return <RowsSkeleton rows={rows} />;
  if (query.isError) {
    return (
      <Stack align="flex-start">
        <ProblemAlert error={query.error} />
        <Button variant="default" onClick={() => void query.refetch()}>
          {t('action.retry')}
        </Button>
      </Stack>
    );
  }
  return isEmpty ? empty : children;
}
