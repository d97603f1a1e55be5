import { IconEyeOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

/** Stands for a value that the reader's role does not show. */
export function Masked() {
  const { t } = useTranslation();
  return (
    <span className="muted" style={{ display: 'inline-flex', alignItems: 'center', gap: 4 }}>
      <IconEyeOff size={14} aria-hidden />
      {t('masked.value')}
    </span>
  );
}
