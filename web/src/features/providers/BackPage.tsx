import { Anchor, Loader, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { components } from '@/api/schema';
import { BarePage } from '@/features/access/BarePage';
import { OTPForm } from '@/features/access/OTPForm';
import { arrive, landingNow } from '@/features/access/signIn';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { takeNext } from './next';

type SignedIn = components['schemas']['SignInBody'];

/** /sign-in/back: whom a provider sends back. What the address carries is taken out of it at once. */
export default function BackPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const enter = async (answer: SignedIn) => {
    if (answer.ticket) return;
    await arrive();
    await navigate({ to: landingNow(takeNext()), replace: true });
  };
  const bring = useMutation({
    mutationFn: (body: Record<string, string>) => api.post<SignedIn>('/session/provider', body),
    onSuccess: enter,
  });
  const second = useMutation({
    mutationFn: (otp: string) =>
      api.post<SignedIn>('/session/provider/second', { ticket: bring.data?.ticket, otp }),
    onSuccess: enter,
  });
  const brought = useRef(false);
  useEffect(() => {
    if (brought.current) return; // what was brought works once
    brought.current = true;
    const given = new URLSearchParams(window.location.search);
    const body: Record<string, string> = { state: given.get('state') ?? '' };
    for (const name of ['code', 'iss', 'error']) {
      const value = given.get(name);
      if (value) body[name] = value;
    }
    window.history.replaceState(window.history.state, '', window.location.pathname);
    bring.mutate(body);
  }, [bring]);
  const back = () => void navigate({ to: '/sign-in', search: {}, replace: true });
  if (bring.data?.ticket && !second.error) {
    return (
      <BarePage title={t('account.codeTitle')} text={t('account.codeText')}>
        <OTPForm
          error={null}
          pending={second.isPending}
          onCode={(otp) => second.mutate(otp)}
          onCancel={back}
        />
      </BarePage>
    );
  }
  const error = second.error ?? bring.error;
  return (
    <BarePage title={t(error ? 'provider.failed' : 'provider.back')}>
      <Stack gap="sm" align={error ? undefined : 'center'}>
        {error ? <ProblemAlert error={error} /> : <Loader aria-label={t('provider.back')} />}
        {error && (
          <Anchor component={Link} to="/sign-in" ta="center">
            {t('provider.toSignIn')}
          </Anchor>
        )}
      </Stack>
    </BarePage>
  );
}
