import { Button, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { BarePage } from './BarePage';

/** Asks for a link to set a new password. The answer is the same whether anybody has the address. */
export default function ForgotPage() {
  const { t } = useTranslation();
  const [email, setEmail] = useState('');
  const ask = useMutation({
    mutationFn: () => api.post('/session/forgot-password', { email: email.trim() }),
  });
  const back = (
    <Button component={Link} to="/sign-in" fullWidth variant="default">
      {t('signIn.submit')}
    </Button>
  );
  if (ask.isSuccess) {
    return (
      <BarePage title={t('forgot.doneTitle')} text={t('forgot.doneText')}>
        {back}
      </BarePage>
    );
  }
  return (
    <BarePage title={t('forgot.title')} text={t('forgot.text')}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          ask.mutate();
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={ask.error} />
          <TextInput
            label={t('signIn.email')}
            type="email"
            autoComplete="username"
            autoFocus
            required
            withAsterisk={false}
            value={email}
            onChange={(e) => setEmail(e.currentTarget.value)}
          />
          <Button type="submit" mt="xs" fullWidth loading={ask.isPending}>
            {t('forgot.submit')}
          </Button>
          {back}
        </Stack>
      </form>
    </BarePage>
  );
}
