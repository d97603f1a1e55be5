import { Anchor, Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Session } from '@/api/types';
import { queryClient } from '@/app/query';
import { sessionQuery } from '@/app/session';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { BarePage } from './BarePage';

/** Only paths of this console: an address from outside is never followed. */
function safeNext(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : '/customers';
}

export default function SignInPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { next?: string };
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => api.post<Session>('/session', { email: email.trim(), password }),
    onSuccess: async () => {
      queryClient.clear();
      await queryClient.ensureQueryData(sessionQuery);
      await navigate({ to: safeNext(search.next), replace: true });
    },
    onError: () => setPassword(''),
  });
  return (
    <BarePage title={t('signIn.title')} text={t('signIn.text')}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          signIn.mutate();
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={signIn.error} />
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
          <PasswordInput
            label={t('signIn.password')}
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(e) => setPassword(e.currentTarget.value)}
          />
          <Button type="submit" mt="xs" fullWidth loading={signIn.isPending}>
            {t('signIn.submit')}
          </Button>
          <Anchor component={Link} to="/forgot-password" ta="center">
            {t('forgot.link')}
          </Anchor>
        </Stack>
      </form>
    </BarePage>
  );
}
