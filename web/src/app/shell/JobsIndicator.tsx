import { ActionIcon, Anchor, Indicator, Popover, Progress, ScrollArea, Stack, Text } from '@mantine/core';
import { IconProgress } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { recentJobsQuery } from '@/api/jobs';
import type { Job } from '@/api/types';
import { useFormats } from '@/i18n/format';
import { JobStateBadge } from '@/ui/badges';
import { event } from '@/sentences';
import classes from './JobsIndicator.module.css';

const isOpen = (job: Job) => job.state === 'running' || job.state === 'queued';

/** Long work of late, reachable from every page. */
export function JobsIndicator() {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  const { data: jobs = [] } = useQuery(recentJobsQuery);
  const running = jobs.filter(isOpen).length;
  const label = running > 0 ? t('jobs.running', { count: running }) : t('jobs.title');
  return (
    <Popover opened={opened} onChange={setOpened} width={340} position="bottom-end" trapFocus>
      <Indicator disabled={running === 0} label={running} size={16} offset={5} color="spruce">
        <Popover.Target>
          <ActionIcon size={36} aria-label={label} onClick={() => setOpened((o) => !o)}>
            <IconProgress size={20} stroke={1.6} />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown p={0} aria-label={t('jobs.title')}>
        <ScrollArea.Autosize mah={380}>
          <Stack gap={0} className={classes.list}>
            {jobs.length === 0 && (
              <Text c="dimmed" p="md">
                {t('jobs.none')}
              </Text>
            )}
            {jobs.slice(0, 8).map((job) => (
              <JobLine key={job.id} job={job} onPick={() => setOpened(false)} />
            ))}
          </Stack>
        </ScrollArea.Autosize>
        <div className={classes.foot}>
          <Anchor component={Link} to="/jobs" onClick={() => setOpened(false)}>
            {t('jobs.all')}
          </Anchor>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function JobLine({ job, onPick }: { job: Job; onPick: () => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const share = job.total > 0 ? (100 * job.done) / job.total : 0;
  return (
    <Link to={`/jobs/${job.id}`} className={classes.line} onClick={onPick}>
      <span className={classes.head}>
        <span className="truncate">{event(job.label) || job.kind}</span>
        <JobStateBadge state={job.state} failed={job.failed} />
      </span>
      {isOpen(job) ? (
        <Progress value={share} size={4} mt={6} aria-label={t('jobs.progress')} />
      ) : (
        <span className={classes.when}>{f.ago(job.finished_at ?? job.created_at)}</span>
      )}
    </Link>
  );
}
