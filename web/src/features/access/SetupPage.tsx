import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import { queryClient } from '@/app/query';
import { sessionQuery } from '@/app/session';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { BarePage } from './BarePage';

export default function SetupPage() {
  const { t } = useTranslation();
  const state = useQuery({
    queryKey: ['setup'],
    queryFn: ({ signal }) => api.get<{ needed: boolean }>('/setup', { signal }),
  });
  if (state.data && !state.data.needed) {
    return (
      <BarePage title={t('setup.doneTitle')} text={t('setup.doneText')}>
        <Button component={Link} to="/sign-in" fullWidth>
          {t('signIn.submit')}
        </Button>
      </BarePage>
    );
  }
  return (
    <BarePage title={t('setup.title')} text={t('setup.text')}>
      <SetupForm />
    </BarePage>
  );
}

function SetupForm() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { token?: string };
  const [token, setToken] = useState(search.token ?? '');
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const create = useMutation({
    mutationFn: () =>
      api.post('/setup', { token: token.trim(), name: name.trim(), email: email.trim(), password }),
    onSuccess: async () => {
      queryClient.clear();
      await queryClient.ensureQueryData(sessionQuery);
      await navigate({ to: '/customers', replace: true });
    },
  });
  const wrong = (field: string) =>
    isApiError(create.error) ? create.error.fields.find((f) => f.field === field)?.message : undefined;
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        create.mutate();
      }}
    >
      <Stack gap="sm">
        <ProblemAlert error={create.error} shown={['name', 'email', 'password', 'token']} />
        {!search.token && (
          <TextInput
            label={t('setup.token')}
            description={t('setup.tokenHint')}
            value={token}
            onChange={(e) => setToken(e.currentTarget.value)}
            error={wrong('token')}
            required
            withAsterisk={false}
            autoComplete="off"
          />
        )}
        {search.token && wrong('token') && (
          <Text c="var(--mantine-color-error)" role="alert">
            {wrong('token')}
          </Text>
        )}
        <TextInput
          label={t('setup.name')}
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
          error={wrong('name')}
          required
          withAsterisk={false}
          autoComplete="name"
          autoFocus
        />
        <TextInput
          label={t('signIn.email')}
          type="email"
          value={email}
          onChange={(e) => setEmail(e.currentTarget.value)}
          error={wrong('email')}
          required
          withAsterisk={false}
          autoComplete="username"
        />
        <PasswordInput
          label={t('signIn.password')}
          description={t('user.passwordHint')}
          value={password}
          onChange={(e) => setPassword(e.currentTarget.value)}
          error={wrong('password')}
          required
          withAsterisk={false}
          autoComplete="new-password"
        />
        <Button type="submit" mt="xs" fullWidth loading={create.isPending}>
          {t('setup.submit')}
        </Button>
      </Stack>
    </form>
  );
}
