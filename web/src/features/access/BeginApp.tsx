import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { AppDialog } from './AppDialog';
import type { AppKey } from './data';
import { ProveDialog } from './ProveDialog';

/** Sets an authenticator app up: the password, the key with a first code, the recovery codes. */
export function BeginApp({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [key, setKey] = useState<AppKey>();
  if (key) return <AppDialog appKey={key} onClose={onClose} />;
  return (
    <ProveDialog
      title={t('account.appBegin')}
      text={t('account.prove')}
      submit={t('account.next')}
      run={(password) => api.post<AppKey>('/session/second-factor/app', { password })}
      onDone={setKey}
      onClose={onClose}
    />
  );
}
