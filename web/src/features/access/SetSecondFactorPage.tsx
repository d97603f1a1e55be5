import { Button, Stack } from '@mantine/core';
import { IconDeviceMobile, IconFingerprint } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { queryClient } from '@/app/query';
import { sessionQuery, useSession } from '@/app/session';
import { BarePage } from './BarePage';
import { BeginApp } from './BeginApp';
import { AddPasskey } from './Passkeys';
import { hasPasskeys } from './passkeys';
import { landingNow, signOut } from './signIn';

/** /set-second-factor: whose role requires a second factor sets one up before anything else. */
export default function SetSecondFactorPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const session = useSession();
  const [open, setOpen] = useState<'app' | 'passkey' | null>(null);
  const close = () => setOpen(null);
  const done = session !== null && session.must !== 'set_second_factor';
  useEffect(() => {
    if (!done) return;
    // What was refused until now is asked for again.
    queryClient.removeQueries({ predicate: (q) => q.queryKey[0] !== sessionQuery.queryKey[0] });
    void navigate({ to: landingNow(), replace: true });
  }, [done, navigate]);
  return (
    <BarePage title={t('account.secondTitle')} text={t('account.secondText')}>
      <Stack gap="xs">
        <Button leftSection={<IconDeviceMobile size={16} />} onClick={() => setOpen('app')}>
          {t('account.appBegin')}
        </Button>
        {hasPasskeys() && (
          <Button
            variant="default"
            leftSection={<IconFingerprint size={16} />}
            onClick={() => setOpen('passkey')}
          >
            {t('account.passkeyAdd')}
          </Button>
        )}
        <Button
          variant="subtle"
          onClick={() => void signOut().then(() => navigate({ to: '/sign-in', search: {} }))}
        >
          {t('user.signOut')}
        </Button>
      </Stack>
      {open === 'app' && <BeginApp onClose={close} />}
      {open === 'passkey' && <AddPasskey onClose={close} />}
    </BarePage>
  );
}
