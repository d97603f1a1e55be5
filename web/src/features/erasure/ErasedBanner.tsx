import { Alert } from '@mantine/core';
import { IconEraser } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { components } from '@/api/schema';
import { useFormats } from '@/i18n/format';

/** On a record's page: that its personal data was erased, when, and who asked for it. */
export function ErasedBanner({ erased }: { erased?: components['schemas']['ErasedBody'] }) {
  const { t } = useTranslation();
  const f = useFormats();
  if (!erased) return null;
  return (
    <Alert
      variant="light"
      color="gray"
      icon={<IconEraser size={18} />}
      title={t(erased.done_at ? 'erasure.erasedTitle' : 'erasure.erasingTitle')}
      my="sm"
    >
      {t('erasure.askedBy', { who: erased.by, when: f.instant(erased.at) })}{' '}
      {erased.done_at && t('erasure.erased', { when: f.instant(erased.done_at) })}
    </Alert>
  );
}
