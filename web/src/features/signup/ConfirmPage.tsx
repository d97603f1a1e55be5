import { Button, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { BarePage } from '@/features/access/BarePage';
import { signInLater } from '@/features/access/signIn';
import { ProblemAlert } from '@/ui/ProblemAlert';
import type { SignUpConfirmed } from './data';
import { ToSignIn } from './SignUpPage';

/** Takes the token out of the address, so that it stays in no history; asked for again, it is the same. */
let kept = '';
function takeToken(): string {
  const found = /^#token=([\w-]+)$/.exec(window.location.hash);
  if (found) {
    kept = found[1]!;
    window.history.replaceState(window.history.state, '', window.location.pathname);
  }
  return kept;
}

/** /portal/sign-up/confirm#token=...: opens the account. Programs that look into mails press no button. */
export default function ConfirmPage() {
  const { t } = useTranslation();
  const [token] = useState(takeToken);
  const confirm = useMutation({
    mutationFn: () => api.post<SignUpConfirmed>('/sign-ups/confirm', { token }),
    onSuccess: (done) => {
      kept = '';
      signInLater(done.email);
    },
  });
  if (confirm.data) {
    const { waits, password } = confirm.data;
    return (
      <BarePage title={t('signUp.doneTitle')} text={t(waits ? 'signUp.doneWaits' : 'signUp.doneText')}>
        <Stack gap="sm">
          {!password && <p>{t('signUp.otherPassword')}</p>}
          <ToSignIn filled />
        </Stack>
      </BarePage>
    );
  }
  if (token === '') {
    return (
      <BarePage title={t('signUp.confirmTitle')} text={t('signUp.noToken')}>
        <ToSignIn />
      </BarePage>
    );
  }
  return (
    <BarePage title={t('signUp.confirmTitle')} text={t('signUp.confirmText')}>
      <Stack gap="sm">
        <ProblemAlert error={confirm.error} />
        <Button fullWidth loading={confirm.isPending} onClick={() => confirm.mutate()}>
          {t('signUp.confirm')}
        </Button>
        {confirm.error && <ToSignIn />}
      </Stack>
    </BarePage>
  );
}
