import { Progress } from '@mantine/core';
import { IconProgress } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Job } from '@/api/types';
import { GridMessage, ListPage, type CellRenderers, type FieldDef, type GridRow, type Preset } from '@/grid';
import { event } from '@/sentences';
import { JobStateBadge } from '@/ui/badges';
import classes from './jobs.module.css';

type Row = Job & GridRow;

export function jobAuthor(job: Job): string {
  return job.created_by?.name ?? '';
}

const isOpen = (job: Job) => job.state === 'running' || job.state === 'queued';

const states = (...value: string[]) => ({ and: [{ field: 'state', op: 'in' as const, value }] });
const shown: [string, ReturnType<typeof states>][] = [
  ['open', states('queued', 'running')],
  ['done', states('done')],
  ['failed', states('failed', 'cancelled')],
];

const widths: Record<string, number> = { label: 260, state: 205, done: 90, total: 80, failed: 95 };
const refine = (field: FieldDef): FieldDef => ({ ...field, width: widths[field.name] ?? field.width });

const newestFirst = [{ field: 'created_at', desc: true }];

export default function JobsPage() {
  const { t } = useTranslation();
  const presets = shown.map(([id, filter]): Preset => ({ id, filter, label: t(`jobs.filter.${id}`) }));
  const renderers = useMemo<CellRenderers<Row>>(
    () => ({
      label: (j) => (
        <Link to={`/jobs/${j.id}` as never} tabIndex={-1} draggable={false} className={classes.job}>
          {event(j.label) || t(`jobs.kind.${j.kind}`, { defaultValue: j.kind })}
        </Link>
      ),
      state: (j) => <JobStateBadge state={j.state} failed={j.failed} />,
      done: (j, cell) =>
        isOpen(j) && j.total > 0 ? (
          <>
            <Progress
              value={(100 * j.done) / j.total}
              size={5}
              flex={1}
              aria-label={t('jobs.progressOf', { name: j.label || j.kind })}
            />
            <span className="num">{cell.text}</span>
          </>
        ) : (
          <span className="num">{cell.text}</span>
        ),
    }),
    [t],
  );
  return (
    <ListPage<Row>
      target="jobs"
      title={t('jobs.title')}
      text={t('jobs.text')}
      pinned={['label']}
      refine={refine}
      selectable={false}
      presets={presets}
      renderers={renderers}
      rowHref={(j) => `/jobs/${j.id}`}
      rowLabel={(j) => event(j.label)}
      defaultSort={newestFirst}
      empty={<GridMessage icon={IconProgress} title={t('jobs.empty')} text={t('jobs.emptyText')} />}
    />
  );
}
