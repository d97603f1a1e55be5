import { Alert, Anchor } from '@mantine/core';
import {
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconCircleX,
  IconClock,
  type Icon,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ScheduledChange, ScheduledState } from '@/api/types';
import { usePermission } from '@/app/session';
import { useFormats } from '@/i18n/format';
import { Tag, type Tone } from '@/ui/badges';
import { ofRecordQuery } from './data';

const looks: Record<ScheduledState, { tone: Tone; icon: Icon }> = {
  pending: { tone: 'info', icon: IconClock },
  applied: { tone: 'ok', icon: IconCircleCheck },
  conflicted: { tone: 'warn', icon: IconAlertTriangle },
  failed: { tone: 'bad', icon: IconCircleX },
  cancelled: { tone: 'mute', icon: IconBan },
};

export function ScheduledBadge({ state, plain }: { state: ScheduledState; plain?: boolean }) {
  const { t } = useTranslation();
  return <Tag {...looks[state]} plain={plain} label={t(`schedule.state.${state}`)} />;
}

/** What people call a delayed save. */
export function useScheduledName(): (change: ScheduledChange) => string {
  const { t } = useTranslation();
  return (c) => c.row_name || t(`schedule.new.${c.resource}`, { defaultValue: c.resource });
}

/** On a record's page: what is still to come for it. */
export function PendingBanner({ id }: { id: string }) {
  const { t } = useTranslation();
  const f = useFormats();
  const may = usePermission('schedule.read');
  const { data } = useQuery({ ...ofRecordQuery(id), enabled: may });
  const coming = data?.items ?? [];
  if (coming.length === 0) return null;
  const conflict = coming.some((c) => c.state === 'conflicted');
  return (
    <Alert
      variant="light"
      color={conflict ? 'yellow' : 'spruce'}
      icon={conflict ? <IconAlertTriangle size={18} /> : <IconClock size={18} />}
      title={t('schedule.pendingTitle', { count: coming.length })}
      my="sm"
    >
      {coming.map((c) => (
        <div key={c.id}>
          <Anchor
            component={Link}
            to={`/delayed-saves/${c.id}`}
            underline="always"
            display="inline-block"
            lh="24px"
          >
            {t(`schedule.will.${c.op}`, {
              when: f.instant(c.apply_at),
              fields: f.list(Object.keys(c.patch).map((name) => t(`field.${name}`, { defaultValue: name }))),
            })}
          </Anchor>
          {c.state === 'conflicted' && ` · ${t('schedule.state.conflicted')}`}
        </div>
      ))}
    </Alert>
  );
}
