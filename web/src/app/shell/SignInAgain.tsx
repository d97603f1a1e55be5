import { Anchor, Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import type { Session } from '@/api/types';
import { backAgain, useSessionEnded } from '@/app/again';
import { queryClient } from '@/app/query';
import { sessionQuery, useSession } from '@/app/session';
import { OTPForm } from '@/features/access/OTPForm';
import { ProblemAlert } from '@/ui/ProblemAlert';

const wantsCode = (error: unknown) =>
  isApiError(error) && (error.code === 'otp_required' || error.code === 'wrong_otp');

/** On top of the page whose session ended: the password again, and everything typed is still there. */
export function SignInAgain() {
  const { t } = useTranslation();
  const session = useSession();
  const shown = useSessionEnded() && session !== null;
  const [password, setPassword] = useState('');
  const [asked, setAsked] = useState(false);
  const me = session?.staff.id;
  const take = (next: Session) => {
    // Somebody else has other rights: the page is theirs only from its start.
    if (next.staff.id !== me) return window.location.reload();
    queryClient.setQueryData(sessionQuery.queryKey, next);
    setPassword('');
    setAsked(false);
    backAgain();
  };
  const signIn = useMutation({
    mutationFn: (otp?: string) =>
      api.post<Session>('/session', {
        email: session?.staff.email ?? '',
        password,
        membership: me,
        ...(otp ? { otp } : {}),
      }),
    onSuccess: take,
    onError: (error) => {
      if (wantsCode(error)) return setAsked(true);
      setAsked(false);
      setPassword('');
    },
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
      {asked && (
        <div onSubmit={(e) => e.stopPropagation()}>
          <OTPForm
            error={isApiError(signIn.error) && signIn.error.code === 'otp_required' ? null : signIn.error}
            pending={signIn.isPending}
            onCode={(code) => signIn.mutate(code)}
            onCancel={() => {
              signIn.reset();
              setAsked(false);
              setPassword('');
            }}
          />
        </div>
      )}
      <form
        hidden={asked}
        onSubmit={(e) => {
          e.preventDefault();
          e.stopPropagation();
          signIn.mutate(undefined);
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
