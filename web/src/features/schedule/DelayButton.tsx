import { Button } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usePermission } from '@/app/session';
import { DelayDialog, type DelayedRequest } from './DelayDialog';

interface Props {
  title: string;
  build: () => DelayedRequest;
  preview?: ReactNode;
  disabled?: boolean;
  /** It is kept for later, or done now to be taken back later. */
  onDone: () => void;
}

/** In a dialog with one button that saves: the way to save later. */
export function DelayButton({ title, build, preview, disabled, onDone }: Props) {
  const { t } = useTranslation();
  const may = usePermission('schedule.read');
  const [request, setRequest] = useState<DelayedRequest | null>(null);
  if (!may) return null;
  return (
    <>
      <Button
        variant="subtle"
        mr="auto"
        leftSection={<IconClock size={16} />}
        disabled={disabled}
        onClick={() => setRequest(build())}
      >
        {t('schedule.delay')}
      </Button>
      {request && (
        <DelayDialog
          title={title}
          request={request}
          preview={preview}
          onClose={() => setRequest(null)}
          onDone={onDone}
        />
      )}
    </>
  );
}
