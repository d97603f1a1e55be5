import { Anchor, Button, Progress, SegmentedControl, Text } from '@mantine/core';
import { IconProgress } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Job, List } from '@/api/types';
import { useFormats } from '@/i18n/format';
import { JobStateBadge } from '@/ui/badges';
import { DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { ListStates } from '@/ui/ListStates';
import { PageHeader } from '@/ui/PageHeader';

const shownStates: Record<string, string[]> = {
  all: [],
  open: ['queued', 'running'],
  done: ['done'],
  failed: ['failed', 'cancelled'],
};

export function jobAuthor(job: Job): string {
  return job.created_by?.name ?? '';
}

export default function JobsPage() {
  const { t } = useTranslation();
  const f = useFormats();
  const navigate = useNavigate();
  const { show = 'all' } = useSearch({ strict: false }) as { show?: string };
  const states = shownStates[show] ?? [];
  const query = useInfiniteQuery({
    queryKey: ['jobs', 'list', show],
    queryFn: ({ pageParam, signal }) =>
      api.get<List<Job>>('/jobs', {
        query: {
          sort: '-created_at',
          limit: 50,
          cursor: pageParam,
          filter: states.length > 0 ? JSON.stringify({ field: 'state', op: 'in', value: states }) : undefined,
        },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor || undefined,
    placeholderData: keepPreviousData,
    refetchInterval: (q) =>
      q.state.data?.pages.some((p) => p.items.some((j) => j.state === 'running' || j.state === 'queued'))
        ? 3000
        : false,
  });
  const jobs = query.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <div style={{ maxWidth: 'var(--td-content-max)' }}>
      <PageHeader title={t('jobs.title')} text={t('jobs.text')} />
      <SegmentedControl
        mb="sm"
        aria-label={t('jobs.show')}
        value={show}
        onChange={(v) =>
          void navigate({ to: '/jobs', search: (v === 'all' ? {} : { show: v }) as never, replace: true })
        }
        data={Object.keys(shownStates).map((value) => ({ value, label: t(`jobs.filter.${value}`) }))}
      />
      <ListStates
        query={query}
        isEmpty={jobs.length === 0}
        empty={<EmptyState icon={IconProgress} title={t('jobs.empty')} text={t('jobs.emptyText')} />}
      >
        <DataTable
          caption={t('jobs.title')}
          rows={jobs}
          rowKey={(j) => j.id}
          columns={[
            {
              key: 'label',
              head: t('jobs.job'),
              cell: (j) => (
                <>
                  <Anchor component={Link} to={`/jobs/${j.id}`} fw={550}>
                    {j.label || t(`jobs.kind.${j.kind}`, { defaultValue: j.kind })}
                  </Anchor>
                  <Text size="xs" c="dimmed">
                    {jobAuthor(j)}
                  </Text>
                </>
              ),
            },
            {
              key: 'state',
              head: t('jobs.stateHead'),
              cell: (j) => <JobStateBadge state={j.state} failed={j.failed} />,
            },
            {
              key: 'progress',
              head: t('jobs.progress'),
              cell: (j) => <ProgressCell job={j} />,
              width: 200,
              wide: true,
            },
            {
              key: 'at',
              head: t('jobs.startedAt'),
              cell: (j) => f.instant(j.started_at ?? j.created_at),
              wide: true,
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
    </div>
  );
}

function ProgressCell({ job }: { job: Job }) {
  const { t } = useTranslation();
  const f = useFormats();
  const open = job.state === 'running' || job.state === 'queued';
  return (
    <>
      <Text size="xs" className="num">
        {t('jobs.doneOf', { done: f.number(job.done), total: f.number(job.total) })}
        {job.failed > 0 && ` · ${t('jobs.failedCount', { count: job.failed, n: f.number(job.failed) })}`}
      </Text>
      {open && (
        <Progress
          value={job.total > 0 ? (100 * job.done) / job.total : 0}
          size={4}
          mt={4}
          aria-label={t('jobs.progressOf', { name: job.label || job.kind })}
        />
      )}
    </>
  );
}
