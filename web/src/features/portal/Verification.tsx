import { Button, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCircleCheck, IconCircleDashed } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import type { components } from '@/api/schema';
import { useFormats } from '@/i18n/format';
import { Tag } from '@/ui/badges';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { LoadError } from '@/ui/LoadError';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { Section } from '@/ui/Section';
import { forgetCode, keptCode, type Proof } from './codeLink';
import classes from './portal.module.css';
import { refresh, usePortalCan, usePortalSession, verificationQuery } from './session';

type State = components['schemas']['VerificationBody'];

/** Which of one's addresses are known to be one's own, and how to prove it with a code. */
export function Verification() {
  const { t } = useTranslation();
  const can = usePortalCan();
  const lent = !!usePortalSession()?.impersonation;
  const query = useQuery(verificationQuery);
  const all = (query.data?.items ?? []).filter((s) => s.value);
  if (query.data && all.length === 0) return null;
  return (
    <Section title={t('verify.title')} text={t('verify.text')}>
      {query.error && !query.data ? (
        <LoadError error={query.error} onRetry={() => void query.refetch()} />
      ) : !query.data ? (
        <FormSkeleton rows={2} />
      ) : (
        <Stack gap="lg">
          {all.map((s) => (
            <One key={`${s.address} ${s.value}`} state={s} mayAct={can('portal.profile') && !lent} />
          ))}
        </Stack>
      )}
    </Section>
  );
}

function One({ state, mayAct }: { state: State; mayAct: boolean }) {
  const { t } = useTranslation();
  const address = state.address as Proof;
  const [sent, setSent] = useState(false);
  const send = useMutation({
    mutationFn: () => api.post<State>('/portal/verification', { address }),
    onSuccess: async () => {
      setSent(true);
      await refresh();
    },
  });
  const wait = useSeconds(state.next_at);
  const acts = mayAct && state.offered;
  return (
    <div className={classes.proof}>
      <div className={classes.proofHead}>
        <div className={classes.proofWho}>
          <Text c="dimmed" fz="sm">
            {t(`field.${address}`)}
          </Text>
          <Text className="truncate">{state.value}</Text>
        </div>
        {state.verified ? (
          <Tag tone="ok" icon={IconCircleCheck} label={t('contact.verified')} />
        ) : (
          <Tag tone="mute" icon={IconCircleDashed} label={t('contact.notVerified')} />
        )}
        {acts && (
          <Button
            variant="default"
            loading={send.isPending}
            disabled={wait > 0}
            aria-label={t('verify.sendTo', { to: state.value })}
            onClick={() => send.mutate()}
          >
            {state.pending ? t('verify.sendAgain') : t('verify.send')}
          </Button>
        )}
      </div>
      <ProblemAlert error={send.error} />
      {acts && state.pending && <Enter state={state} address={address} sent={sent} wait={wait} />}
    </div>
  );
}

interface EnterProps {
  state: State;
  address: Proof;
  /** It was asked for just now. */
  sent: boolean;
  wait: number;
}

function Enter({ state, address, sent, wait }: EnterProps) {
  const { t } = useTranslation();
  const f = useFormats();
  const [code, setCode] = useState(keptCode(address));
  const confirm = useMutation({
    mutationFn: () => api.post('/portal/verification/confirm', { address, code }),
    onSuccess: async () => {
      forgetCode();
      notifications.show({ message: t('verify.done') });
      await refresh();
    },
    onError: () => {
      forgetCode();
      setCode('');
      void refresh();
    },
  });
  const wrong = isApiError(confirm.error)
    ? confirm.error.fields.find((x) => x.field === 'code')?.message
    : undefined;
  return (
    <form
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (code.trim()) confirm.mutate();
      }}
    >
      <Stack gap="xs">
        {!!confirm.error && !wrong && <ProblemAlert error={confirm.error} shown={['code']} />}
        <div className={classes.proofCode}>
          <TextInput
            label={t('verify.code')}
            description={t('verify.codeHint', { to: state.value, until: f.instant(state.expires_at!) })}
            value={code}
            onChange={(e) => setCode(e.currentTarget.value)}
            error={!!wrong}
            inputWrapperOrder={['label', 'description', 'input']}
            autoComplete="one-time-code"
            inputMode="numeric"
            maxLength={12}
            autoFocus={sent}
          />
          <Button type="submit" loading={confirm.isPending} disabled={!code.trim()}>
            {t('verify.submit')}
          </Button>
        </div>
        {wrong && (
          <Text role="alert" c="var(--td-bad-fg)" fz="sm">
            {wrong}
          </Text>
        )}
        {wait > 0 && wait <= 60 && (
          <Text c="dimmed" fz="sm">
            {t('verify.wait', { count: wait })}
          </Text>
        )}
      </Stack>
    </form>
  );
}

/** How many seconds there are until an instant, counted down. */
function useSeconds(until: string | null | undefined): number {
  const left = () => (until ? Math.max(0, Math.ceil((Date.parse(until) - Date.now()) / 1000)) : 0);
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    setSeconds(left());
    if (!until) return;
    const tick = setInterval(() => setSeconds(left()), 1000);
    return () => clearInterval(tick);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- left reads until alone
  }, [until]);
  return seconds;
}
