import { Button, PasswordInput, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { focusFirstError, useRecordForm } from '@/form/useRecordForm';
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

/**
 * /portal/sign-up/confirm#token=...: opens the account for who chose the password. Programs that look into mails press no
 * button, and whoever never asked for an account knows no password.
 */
export default function ConfirmPage() {
  const { t } = useTranslation();
  const [token] = useState(takeToken);
  const form = useRecordForm({ password: '' });
  const password = String(form.values.password ?? '');
  const confirm = useMutation({
    mutationFn: () => api.post<SignUpConfirmed>('/sign-ups/confirm', { token, password }),
    onError: (error) => {
      if (form.take(error)) focusFirstError();
    },
    onSuccess: (done) => {
      kept = '';
      signInLater(done.email);
    },
  });
  if (confirm.data) {
    const { waits, password: counts } = confirm.data;
    return (
      <BarePage title={t('signUp.doneTitle')} text={t(waits ? 'signUp.doneWaits' : 'signUp.doneText')}>
        <Stack gap="sm">
          {!counts && <p>{t('signUp.otherPassword')}</p>}
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
      <form
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          confirm.mutate();
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={confirm.error} shown={['password']} />
          <PasswordInput
            name="password"
            label={t('signUp.chosenPassword')}
            autoComplete="current-password"
            autoFocus
            value={password}
            onChange={(e) => form.set('password', e.currentTarget.value)}
            error={form.errors.password}
          />
          <Button type="submit" fullWidth loading={confirm.isPending}>
            {t('signUp.confirm')}
          </Button>
          {confirm.error && <ToSignIn />}
        </Stack>
      </form>
    </BarePage>
  );
}
