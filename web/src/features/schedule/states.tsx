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
import { fieldLabel, fieldsQuery } from '@/form/fields';
import { useFormats } from '@/i18n/format';
import { Tag, type Tone } from '@/ui/badges';
import { isDescribed, ofNamedQuery, ofRecordQuery } from './data';

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

/** A field of a delayed save in the reader's words. */
export function useDelayedLabel(resource: string): (name: string) => string {
  const { t } = useTranslation();
  const { data } = useQuery({ ...fieldsQuery(resource), enabled: isDescribed(resource) });
  return (name) =>
    resource === 'settings'
      ? t(`settings.field.${name}`, { defaultValue: name })
      : fieldLabel(t, name, data?.find((f) => f.name === name)?.label);
}

interface BannerProps {
  /** The record's ID; a record that has none is told by its resource and name. */
  id?: string;
  resource: string;
  name?: string;
}

/** On a record's page: what is still to come for it. */
export function PendingBanner({ id, resource, name }: BannerProps) {
  const { t } = useTranslation();
  const f = useFormats();
  const may = usePermission('schedule.read');
  const label = useDelayedLabel(resource);
  const { data } = useQuery({
    ...(id ? ofRecordQuery(id) : ofNamedQuery(resource, name ?? '')),
    enabled: may,
  });
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
              fields: f.list(
                Object.keys(c.patch)
                  .filter((field) => field !== 'insist')
                  .map(label),
              ),
            })}
          </Anchor>
          {c.state === 'conflicted' && ` · ${t('schedule.state.conflicted')}`}
        </div>
      ))}
    </Alert>
  );
}
