import {
  IconBan,
  IconBuildingStore,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClockPause,
  IconCreditCard,
  IconHourglass,
  IconLoader2,
  IconPlayerPause,
  IconReceipt,
  IconTruckDelivery,
  IconUser,
  IconAlertTriangle,
  IconLock,
  type Icon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { BillingType, CustomerStatus, JobState, Kind } from '@/api/types';
import classes from './badges.module.css';

export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'mute';

interface Props {
  tone: Tone;
  icon?: Icon;
  label: string;
  /** Without the coloured back: inside tables. */
  plain?: boolean;
}

/** Text with an icon; the colour only repeats what they say. */
export function Tag({ tone, icon: Glyph, label, plain }: Props) {
  return (
    <span className={classes.tag} data-tone={tone} data-plain={plain || undefined}>
      {Glyph && <Glyph size={14} stroke={1.9} aria-hidden />}
      <span className={classes.text}>{label}</span>
    </span>
  );
}

export const statusTone: Record<CustomerStatus, { tone: Tone; icon: Icon }> = {
  active: { tone: 'ok', icon: IconCircleCheck },
  inactive: { tone: 'mute', icon: IconPlayerPause },
  penalty: { tone: 'warn', icon: IconClockPause },
  pending: { tone: 'info', icon: IconHourglass },
  closed: { tone: 'bad', icon: IconBan },
};

export function StatusBadge({ status, plain }: { status: CustomerStatus; plain?: boolean }) {
  const { t } = useTranslation();
  const look = statusTone[status] ?? { tone: 'mute', icon: IconCircleDashed };
  return <Tag {...look} plain={plain} label={t(`status.${status}`)} />;
}

export const kindIcon: Record<Kind, Icon> = {
  customer: IconUser,
  provider: IconTruckDelivery,
  reseller: IconBuildingStore,
};

export function KindBadge({ kind, plain }: { kind: Kind; plain?: boolean }) {
  const { t } = useTranslation();
  return <Tag tone="mute" icon={kindIcon[kind] ?? IconUser} plain={plain} label={t(`kind.${kind}`)} />;
}

export const billingIcon: Record<BillingType, Icon> = { prepaid: IconCreditCard, postpaid: IconReceipt };

export function BillingBadge({ type, plain }: { type: BillingType; plain?: boolean }) {
  const { t } = useTranslation();
  return (
    <Tag tone="mute" icon={billingIcon[type] ?? IconReceipt} plain={plain} label={t(`billing.${type}`)} />
  );
}

const jobLook: Record<JobState, { tone: Tone; icon: Icon }> = {
  queued: { tone: 'mute', icon: IconHourglass },
  running: { tone: 'info', icon: IconLoader2 },
  done: { tone: 'ok', icon: IconCircleCheck },
  failed: { tone: 'bad', icon: IconCircleX },
  cancelled: { tone: 'mute', icon: IconBan },
};

/** A job that finished with wrong rows says so. */
export function JobStateBadge({ state, failed = 0 }: { state: JobState; failed?: number }) {
  const { t } = useTranslation();
  if (state === 'done' && failed > 0) {
    return <Tag tone="warn" icon={IconAlertTriangle} label={t('jobs.state.doneWithErrors')} />;
  }
  return <Tag {...(jobLook[state] ?? jobLook.queued)} label={t(`jobs.state.${state}`)} />;
}

export function StaffStatusBadge({ status }: { status: 'active' | 'disabled' }) {
  const { t } = useTranslation();
  return status === 'active' ? (
    <Tag tone="ok" icon={IconCircleCheck} label={t('staff.active')} />
  ) : (
    <Tag tone="mute" icon={IconLock} label={t('staff.disabled')} />
  );
}
