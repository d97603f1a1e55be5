import { useEffect, useRef, type ReactNode } from 'react';
import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { IconArrowBackUp, IconDownload } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, download } from '@/api/client';
import { isFinished, useJob } from '@/api/jobs';
import type { Job, JobRow, List } from '@/api/types';
import { useFormats } from '@/i18n/format';
import { JobStateBadge } from '@/ui/badges';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { event, sentence } from '@/sentences';
import classes from './job.module.css';

interface Props {
  id: string;
  /** Called once when it has ended, however. */
  onFinished?: (job: Job) => void;
  /** Offers undo when the job can be undone; gets the job that undoes it. */
  onUndo?: (job: Job) => void;
  /** Shows the rows that failed, with the reason. */
  rows?: boolean;
  /** More buttons when it has ended. */
  children?: (job: Job) => ReactNode;
}

/** One job from start to end: progress, cancel, outcome, rows that failed, undo. */
export function JobProgress({ id, onFinished, onUndo, rows, children }: Props) {
  const { t } = useTranslation();
  const f = useFormats();
  const client = useQueryClient();
  const { data: job, error } = useJob(id);
  const told = useRef<string>(undefined);
  useEffect(() => {
    if (!job || !isFinished(job) || told.current === job.id) return;
    told.current = job.id;
    onFinished?.(job);
  }, [job, onFinished]);
  const cancel = useMutation({
    mutationFn: () => api.delete(`/jobs/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['jobs', 'one', id] }),
  });
  const undo = useMutation({
    mutationFn: () => api.post<Job>(`/jobs/${id}/undo`),
    onSuccess: (j) => onUndo?.(j),
  });

  if (error) return <ProblemAlert error={error} />;
  if (!job) return <Progress value={0} aria-label={t('jobs.progress')} />;
  const over = isFinished(job);
  const percent = job.total > 0 ? Math.min(100, (job.done / job.total) * 100) : over ? 100 : 0;
  return (
    <Stack gap="sm">
      <Group gap={10} justify="space-between" wrap="nowrap">
        <Text fw={600}>{event(job.label)}</Text>
        <JobStateBadge state={job.state} failed={job.failed} />
      </Group>
      <Progress
        value={percent}
        animated={!over}
        color={job.state === 'failed' ? 'red' : undefined}
        aria-label={t('jobs.progress')}
      />
      <Text c="dimmed" aria-live="polite" className="num">
        {t('grid.job.progress', { done: f.number(job.done), total: f.number(job.total) })}
        {job.failed > 0 && ` · ${t('grid.job.failed', { count: job.failed, n: f.number(job.failed) })}`}
      </Text>
      {job.error && <Text c="var(--td-bad-fg)">{sentence(job.error_code, job.error)}</Text>}
      {(cancel.error || undo.error) && <ProblemAlert error={cancel.error ?? undo.error} />}
      {over && rows && <FailedRows id={id} failed={job.failed} />}
      <Group gap={8}>
        {!over && (
          <Button
            variant="default"
            size="xs"
            loading={cancel.isPending}
            disabled={cancel.isSuccess}
            onClick={() => cancel.mutate()}
          >
            {t(cancel.isSuccess ? 'grid.job.stopping' : 'grid.job.cancel')}
          </Button>
        )}
        {!over && (
          <Text c="dimmed" size="xs">
            {t('grid.job.leave')}
          </Text>
        )}
        {over && job.can_undo && onUndo && (
          <Button
            variant="default"
            size="xs"
            leftSection={<IconArrowBackUp size={15} />}
            loading={undo.isPending}
            onClick={() => undo.mutate()}
          >
            {t('action.undo')}
          </Button>
        )}
        {over && job.failed > 0 && (
          <Button
            variant="default"
            size="xs"
            leftSection={<IconDownload size={15} />}
            onClick={() => download(`/jobs/${id}/errors`)}
          >
            {t('grid.job.errors')}
          </Button>
        )}
        {over && (
          <Button variant="subtle" size="xs" component={Link} to={`/jobs/${id}`}>
            {t('grid.job.open')}
          </Button>
        )}
        {over && children?.(job)}
      </Group>
    </Stack>
  );
}

const SHOWN = 50;
/** Outcomes that mean the row was taken as asked. */
const GOOD = new Set([
  'ok',
  'done',
  'changed',
  'closed',
  'undone',
  'skipped',
  'created',
  'updated',
  'deleted',
  'unchanged',
]);

function FailedRows({ id, failed }: { id: string; failed: number }) {
  const { t } = useTranslation();
  const q = useQuery({
    queryKey: ['jobs', 'rows', id, 'failed'],
    enabled: failed > 0,
    queryFn: ({ signal }) => api.get<List<JobRow>>(`/jobs/${id}/rows`, { signal, query: { limit: 500 } }),
  });
  const bad = (q.data?.items ?? []).filter((r) => !GOOD.has(r.outcome)).slice(0, SHOWN);
  if (bad.length === 0) return null;
  return (
    <div className={classes.rows} tabIndex={0} role="region" aria-label={t('grid.job.failedRows')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('grid.job.row')}</th>
            <th scope="col">{t('grid.job.reason')}</th>
          </tr>
        </thead>
        <tbody>
          {bad.map((r, i) => (
            <tr key={r.id ?? r.line ?? i}>
              <td>{r.name ?? r.id ?? r.line}</td>
              <td>
                {r.field && <b>{t(`grid.fields.${r.field}`, { defaultValue: r.field })}: </b>}
                {sentence(r.code, r.message) || (r.code ?? r.outcome)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
