import {
  IconBan,
  IconCircleCheck,
  IconCircleX,
  IconHourglass,
  IconLoader2,
  IconMailOff,
  type Icon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Tag, type Tone } from '@/ui/badges';
import type { EmailState } from './data';

const look: Record<EmailState, { tone: Tone; icon: Icon }> = {
  queued: { tone: 'mute', icon: IconHourglass },
  sending: { tone: 'info', icon: IconLoader2 },
  sent: { tone: 'ok', icon: IconCircleCheck },
  failed: { tone: 'bad', icon: IconCircleX },
  suppressed: { tone: 'warn', icon: IconMailOff },
  cancelled: { tone: 'mute', icon: IconBan },
};

export function EmailBadge({ state, plain }: { state: EmailState; plain?: boolean }) {
  const { t } = useTranslation();
  return <Tag {...(look[state] ?? look.queued)} plain={plain} label={t(`emails.state.${state}`)} />;
}
