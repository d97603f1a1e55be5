import { Button, PasswordInput, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { BarePage } from './BarePage';

/** Opened by a one-time link: /set-password?token=... */
export default function SetPasswordPage() {
  const { t } = useTranslation();
  const { token = '' } = useSearch({ strict: false }) as { token?: string };
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [differs, setDiffers] = useState(false);
  const save = useMutation({
    mutationFn: () => api.post('/session/set-password', { token, password }),
  });
  if (save.isSuccess) {
    return (
      <BarePage title={t('setPassword.doneTitle')} text={t('setPassword.doneText')}>
        <Button component={Link} to="/sign-in" fullWidth>
          {t('signIn.submit')}
        </Button>
      </BarePage>
    );
  }
  if (token === '') {
    return (
      <BarePage title={t('setPassword.title')} text={t('setPassword.noToken')}>
        <Button component={Link} to="/sign-in" fullWidth variant="default">
          {t('signIn.submit')}
        </Button>
      </BarePage>
    );
  }
  const wrong = isApiError(save.error)
    ? save.error.fields.find((f) => f.field === 'password')?.message
    : undefined;
  return (
    <BarePage title={t('setPassword.title')} text={t('setPassword.text')}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          setDiffers(password !== again);
          if (password === again) save.mutate();
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={save.error} shown={['password']} />
          <PasswordInput
            label={t('user.newPassword')}
            description={t('user.passwordHint')}
            autoComplete="new-password"
            autoFocus
            required
            withAsterisk={false}
            value={password}
            onChange={(e) => setPassword(e.currentTarget.value)}
            error={wrong}
          />
          <PasswordInput
            label={t('user.passwordAgain')}
            autoComplete="new-password"
            required
            withAsterisk={false}
            value={again}
            onChange={(e) => setAgain(e.currentTarget.value)}
            error={differs ? t('user.passwordDiffers') : undefined}
          />
          <Button type="submit" mt="xs" fullWidth loading={save.isPending}>
            {t('setPassword.submit')}
          </Button>
        </Stack>
      </form>
    </BarePage>
  );
}
