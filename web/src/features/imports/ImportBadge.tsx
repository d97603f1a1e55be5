import {
  IconArrowBackUp,
  IconBan,
  IconCircleCheck,
  IconCircleX,
  IconLoader2,
  IconPencil,
  IconSearch,
  type Icon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Tag, type Tone } from '@/ui/badges';
import type { ImportState } from './types';

const look: Record<ImportState, { tone: Tone; icon: Icon }> = {
  draft: { tone: 'mute', icon: IconPencil },
  checking: { tone: 'info', icon: IconLoader2 },
  checked: { tone: 'info', icon: IconSearch },
  running: { tone: 'info', icon: IconLoader2 },
  done: { tone: 'ok', icon: IconCircleCheck },
  failed: { tone: 'bad', icon: IconCircleX },
  cancelled: { tone: 'mute', icon: IconBan },
  undoing: { tone: 'info', icon: IconLoader2 },
  undone: { tone: 'mute', icon: IconArrowBackUp },
};

export function ImportBadge({ state }: { state: ImportState }) {
  const { t } = useTranslation();
  return <Tag {...(look[state] ?? look.draft)} label={t(`imports.state.${state}`)} />;
}
