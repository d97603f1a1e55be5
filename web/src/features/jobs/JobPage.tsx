import { Anchor, Button, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconArrowBackUp, IconDownload, IconFileAlert, IconListDetails } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, send } from '@/api/client';
import { isFinished, useJob } from '@/api/jobs';
import type { Job, JobRow, List } from '@/api/types';
import { queryClient } from '@/app/query';
import { usePermission } from '@/app/session';
import { useFormats } from '@/i18n/format';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { JobProgress } from '@/ui/JobProgress';
import { ListStates } from '@/ui/ListStates';
import { PageHeader } from '@/ui/PageHeader';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { isGone, RecordError } from '@/ui/RecordError';
import { saveBlob } from '@/ui/saveBlob';
import { Facts, Section } from '@/ui/Section';
import { event, sentence } from '@/sentences';
import { jobAuthor } from './JobsPage';

export default function JobPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t } = useTranslation();
  const job = useJob(id);
  const back = { to: '/jobs', label: t('jobs.title') };
  if (job.error && (!job.data || isGone(job.error)))
    return (
      <RecordError error={job.error} title={t('jobs.job')} back={back} onRetry={() => void job.refetch()} />
    );
  if (!job.data) return <FormSkeleton rows={3} />;
  return (
    <Stack gap="md" maw="var(--td-content-max)">
      <PageHeader
        title={event(job.data.label) || t(`jobs.kind.${job.data.kind}`, { defaultValue: job.data.kind })}
        back={back}
        actions={<Actions job={job.data} />}
      />
      <Section title={t('jobs.progress')}>
        <JobProgress jobId={id} withLink={false} />
      </Section>
      <JobFacts job={job.data} />
      <Rows job={job.data} />
    </Stack>
  );
}

/** Fetches a file of the job; a refusal (already downloaded) is shown instead of followed. */
function useFile(path: string, name: string) {
  return useMutation({
    mutationFn: async () => {
      const answer = await send(path, { accept: '*/*' });
      const given = /filename="?([^";]+)"?/.exec(answer.headers.get('Content-Disposition') ?? '')?.[1];
      saveBlob(await answer.blob(), given ?? name);
    },
    onSettled: () => void queryClient.invalidateQueries({ queryKey: ['jobs'] }),
  });
}

function Actions({ job }: { job: Job }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const manage = usePermission('job.manage');
  const [asking, setAsking] = useState(false);
  const [once, setOnce] = useState(false);
  const errors = useFile(`/jobs/${job.id}/errors`, `${job.id}-errors.csv`);
  const result = useFile(`/jobs/${job.id}/result`, `${job.id}-result.csv`);
  const undo = useMutation({
    mutationFn: () => api.post<Job>(`/jobs/${job.id}/undo`),
    onSuccess: async (started) => {
      setAsking(false);
      void queryClient.invalidateQueries({ queryKey: ['jobs'] });
      await navigate({ to: `/jobs/${started.id}` });
    },
  });
  return (
    <>
      {job.failed > 0 && (
        <Button
          variant="default"
          leftSection={<IconFileAlert size={16} />}
          onClick={() => errors.mutate()}
          loading={errors.isPending}
        >
          {t('jobs.downloadErrors')}
        </Button>
      )}
      {job.result_file && (
        <Button
          variant="default"
          leftSection={<IconDownload size={16} />}
          onClick={() => (job.result_once ? setOnce(true) : result.mutate())}
        >
          {t('jobs.downloadResult')}
        </Button>
      )}
      {job.can_undo && manage && isFinished(job) && (
        <Button variant="default" leftSection={<IconArrowBackUp size={16} />} onClick={() => setAsking(true)}>
          {t('action.undo')}
        </Button>
      )}
      <ConfirmDialog
        opened={asking}
        title={t('jobs.undoTitle')}
        text={t('jobs.undoText')}
        confirm={t('action.undo')}
        pending={undo.isPending}
        error={undo.error}
        onConfirm={() => undo.mutate()}
        onClose={() => setAsking(false)}
      />
      <ConfirmDialog
        opened={once}
        title={t('jobs.downloadResult')}
        text={t('jobs.downloadOnce')}
        confirm={t('action.download')}
        pending={result.isPending}
        error={result.error}
        onConfirm={() => result.mutate(undefined, { onSuccess: () => setOnce(false) })}
        onClose={() => setOnce(false)}
      />
      <ProblemAlert error={errors.error ?? (once ? null : result.error)} />
    </>
  );
}

function JobFacts({ job }: { job: Job }) {
  const { t } = useTranslation();
  const f = useFormats();
  const counts = Object.entries(job.result ?? {}).filter(([, v]) => typeof v === 'number');
  return (
    <Section title={t('jobs.facts')}>
      <Facts
        items={[
          { label: t('jobs.kindHead'), value: t(`jobs.kind.${job.kind}`, { defaultValue: job.kind }) },
          { label: t('jobs.by'), value: jobAuthor(job) || t('actor.system') },
          { label: t('jobs.createdAt'), value: f.exact(job.created_at) },
          {
            label: t('jobs.finishedAt'),
            value: job.finished_at ? f.exact(job.finished_at) : t('jobs.notYet'),
          },
          ...counts.map(([name, value]) => ({
            label: t(`jobs.result.${name}`, { defaultValue: name }),
            value: <span className="num">{f.number(value as number)}</span>,
          })),
        ]}
      />
    </Section>
  );
}

const outcomes = ['created', 'updated', 'changed', 'unchanged', 'skipped', 'wrong', 'failed'];

function Rows({ job }: { job: Job }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { outcome = '' } = useSearch({ strict: false }) as { outcome?: string };
  const query = useInfiniteQuery({
    queryKey: ['jobs', 'rows', job.id, outcome, isFinished(job)],
    queryFn: ({ pageParam, signal }) =>
      api.get<List<JobRow>>(`/jobs/${job.id}/rows`, {
        query: { limit: 50, cursor: pageParam, outcome },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor || undefined,
    placeholderData: keepPreviousData,
  });
  const rows = query.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <Section title={t('jobs.rows')}>
      {(rows.length > 0 || outcome) && (
        <div style={{ overflowX: 'auto' }} tabIndex={0} role="group" aria-label={t('jobs.outcome')}>
          <SegmentedControl
            mb="sm"
            size="xs"
            aria-label={t('jobs.outcome')}
            value={outcome}
            onChange={(v) =>
              void navigate({
                to: `/jobs/${job.id}`,
                search: (v ? { outcome: v } : {}) as never,
                replace: true,
              })
            }
            data={[
              { value: '', label: t('jobs.filter.all') },
              ...outcomes.map((o) => ({ value: o, label: t(`jobs.outcomes.${o}`) })),
            ]}
          />
        </div>
      )}
      <ListStates
        query={query}
        isEmpty={rows.length === 0}
        empty={
          <EmptyState
            icon={IconListDetails}
            title={outcome ? t('form.noMatch') : t('jobs.noRows')}
            text={t('jobs.noRowsText')}
          />
        }
      >
        <DataTable
          caption={t('jobs.rows')}
          rows={rows}
          rowKey={(r) => `${r.line ?? ''}/${r.id ?? ''}/${r.field ?? ''}`}
          columns={[
            {
              key: 'line',
              head: t('jobs.line'),
              cell: (r) => <span className="num">{r.line ?? ''}</span>,
              width: 70,
              wide: true,
            },
            {
              key: 'name',
              head: t('field.name'),
              cell: (r) =>
                r.id?.startsWith('cus_') ? (
                  <Anchor component={Link} to={`/customers/${r.id}`}>
                    {r.name || r.id}
                  </Anchor>
                ) : (
                  r.name || r.id
                ),
            },
            {
              key: 'outcome',
              head: t('jobs.outcome'),
              cell: (r) => t(`jobs.outcomes.${r.outcome}`, { defaultValue: r.outcome }),
            },
            {
              key: 'why',
              head: t('jobs.why'),
              cell: (r) =>
                r.message && (
                  <Text>
                    {r.field && (
                      <span className="muted">{t(`field.${r.field}`, { defaultValue: r.field })}: </span>
                    )}
                    {sentence(r.code, r.message)}
                  </Text>
                ),
            },
          ]}
        />
        {query.hasNextPage && (
          <Button
            mt="sm"
            variant="default"
            onClick={() => void query.fetchNextPage()}
            loading={query.isFetchingNextPage}
          >
            {t('action.loadMore')}
          </Button>
        )}
      </ListStates>
    </Section>
  );
}
