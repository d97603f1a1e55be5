import { useBlocker } from '@tanstack/react-router';
import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '@/ui/ConfirmDialog';

interface Props {
  dirty: boolean;
  /** Set just before the page itself leaves after saving. */
  leaving?: RefObject<boolean>;
}

/** Asks before a page with unsaved changes is left, in the console or by the browser. */
export function UnsavedGuard({ dirty, leaving }: Props) {
  const { t } = useTranslation();
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && !leaving?.current && current.pathname !== next.pathname,
    enableBeforeUnload: () => dirty && !leaving?.current,
    withResolver: true,
  });
  return (
    <ConfirmDialog
      opened={blocker.status === 'blocked'}
      title={t('unsaved.title')}
      text={t('unsaved.text')}
      confirm={t('unsaved.leave')}
      cancel={t('unsaved.stay')}
      danger
      onConfirm={() => blocker.proceed?.()}
      onClose={() => blocker.reset?.()}
    />
  );
}
