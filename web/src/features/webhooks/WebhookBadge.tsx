import {
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconCircleX,
  IconHourglass,
  IconLoader2,
  IconPlayerPause,
  type Icon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Tag, type Tone } from '@/ui/badges';
import type { DeliveryState, Webhook, WebhookState } from './data';

const webhookLook: Record<WebhookState, { tone: Tone; icon: Icon }> = {
  active: { tone: 'ok', icon: IconCircleCheck },
  paused: { tone: 'mute', icon: IconPlayerPause },
  disabled: { tone: 'bad', icon: IconBan },
};

/** An active one that fails says so. */
export function WebhookBadge({ webhook, plain }: { webhook: Webhook; plain?: boolean }) {
  const { t } = useTranslation();
  if (webhook.state === 'active' && webhook.failing_since)
    return <Tag tone="warn" icon={IconAlertTriangle} plain={plain} label={t('webhooks.failing')} />;
  return (
    <Tag
      {...(webhookLook[webhook.state] ?? webhookLook.paused)}
      plain={plain}
      label={t(`webhooks.state.${webhook.state}`)}
    />
  );
}

const deliveryLook: Record<DeliveryState, { tone: Tone; icon: Icon }> = {
  waiting: { tone: 'info', icon: IconHourglass },
  sending: { tone: 'info', icon: IconLoader2 },
  delivered: { tone: 'ok', icon: IconCircleCheck },
  failed: { tone: 'bad', icon: IconCircleX },
};

export function DeliveryBadge({ state, plain }: { state: DeliveryState; plain?: boolean }) {
  const { t } = useTranslation();
  return (
    <Tag
      {...(deliveryLook[state] ?? deliveryLook.waiting)}
      plain={plain}
      label={t(`webhooks.deliveryState.${state}`)}
    />
  );
}
