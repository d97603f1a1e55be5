import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { isFinished, useJob } from '@/api/jobs';
import type { Job } from '@/api/types';
import { queryClient } from '@/app/query';
import { usePermission } from '@/app/session';
import { useFormats } from '@/i18n/format';
import { JobStateBadge } from './badges';
import { sentence } from '@/sentences';
import { ProblemAlert } from './ProblemAlert';

interface Props {
  jobId: string;
  /** Called once when the job ends, however it ends. */
  onFinished?: (job: Job) => void;
  /** Names the way to the job's own page, where it can be found again. */
  withLink?: boolean;
}

/** A job as it goes on: bar, counts, cancel. */
export function JobProgress({ jobId, onFinished, withLink = true }: Props) {
  const { t } = useTranslation();
  const f = useFormats();
  const { data: job, error } = useJob(jobId);
  const manage = usePermission('job.manage');
  const told = useRef(false);
  const cancel = useMutation({
    mutationFn: () => api.delete(`/jobs/${jobId}`),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['jobs'] }),
  });
  const finished = isFinished(job);

  useEffect(() => {
    if (!job || !finished || told.current) return;
    told.current = true;
    onFinished?.(job);
  }, [job, finished, onFinished]);

  if (error && !job) return <ProblemAlert error={error} />;
  const share = job && job.total > 0 ? Math.min(100, (100 * job.done) / job.total) : finished ? 100 : 0;
  const counts =
    job && job.total > 0
      ? t('jobs.doneOf', { done: f.number(job.done), total: f.number(job.total) })
      : t('jobs.doneSoFar', { done: f.number(job?.done ?? 0) });
  return (
    <Stack gap={8} aria-live="polite">
      <Group justify="space-between" gap={8}>
        {job ? <JobStateBadge state={job.state} failed={job.failed} /> : <span />}
        <Text size="sm" className="num">
          {counts}
          {job &&
            job.failed > 0 &&
            ` · ${t('jobs.failedCount', { count: job.failed, n: f.number(job.failed) })}`}
        </Text>
      </Group>
      <Progress value={share} size={6} aria-label={t('jobs.progress')} />
      {job?.error && <Text c="var(--mantine-color-error)">{sentence(job.error_code, job.error)}</Text>}
      <ProblemAlert error={cancel.error} />
      <Group gap={8}>
        {!finished && manage && (
          <Button size="xs" variant="default" onClick={() => cancel.mutate()} loading={cancel.isPending}>
            {t('jobs.cancel')}
          </Button>
        )}
        {withLink && (
          <Button size="xs" variant="subtle" component={Link} to={`/jobs/${jobId}`}>
            {t('jobs.openPage')}
          </Button>
        )}
      </Group>
    </Stack>
  );
}
