import { Anchor, Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Session } from '@/api/types';
import { backAgain, useSessionEnded } from '@/app/again';
import { queryClient } from '@/app/query';
import { sessionQuery, useSession } from '@/app/session';
import { ProblemAlert } from '@/ui/ProblemAlert';

/** On top of the page whose session ended: the password again, and everything typed is still there. */
export function SignInAgain() {
  const { t } = useTranslation();
  const session = useSession();
  const shown = useSessionEnded() && session !== null;
  const [password, setPassword] = useState('');
  const me = session?.staff.id;
  const take = (next: Session) => {
    // Somebody else has other rights: the page is theirs only from its start.
    if (next.staff.id !== me) return window.location.reload();
    queryClient.setQueryData(sessionQuery.queryKey, next);
    setPassword('');
    backAgain();
  };
  const signIn = useMutation({
    mutationFn: () =>
      api.post<Session>('/session', { email: session?.staff.email ?? '', password, membership: me }),
    onSuccess: take,
    onError: () => setPassword(''),
  });

  // Signed in again in another tab: nobody has to do it here too.
  useEffect(() => {
    if (!shown) return;
    const look = () => {
      if (!document.hidden)
        api.get<Session>('/session').then(take, () => {
          // Still signed out: the dialog stays.
        });
    };
    document.addEventListener('visibilitychange', look);
    window.addEventListener('focus', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      window.removeEventListener('focus', look);
    };
  }, [shown]); // eslint-disable-line react-hooks/exhaustive-deps -- the person does not change while it is shown

  return (
    <Modal
      opened={shown}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      zIndex={400}
      title={t('signIn.againTitle')}
    >
      <form
        onSubmit={(e) => {
          e.preventDefault();
          e.stopPropagation();
          signIn.mutate();
        }}
      >
        <Stack gap="sm">
          <Text c="dimmed">{t('signIn.againText')}</Text>
          <ProblemAlert error={signIn.error} />
          <input type="email" autoComplete="username" value={session?.staff.email ?? ''} readOnly hidden />
          <PasswordInput
            label={t('signIn.passwordOf', { email: session?.staff.email ?? '' })}
            autoComplete="current-password"
            required
            withAsterisk={false}
            data-autofocus
            value={password}
            onChange={(e) => setPassword(e.currentTarget.value)}
          />
          <Group justify="space-between" gap={8}>
            <Anchor href="/sign-in" size="sm">
              {t('signIn.other')}
            </Anchor>
            <Button type="submit" loading={signIn.isPending}>
              {t('signIn.submit')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
