import { Anchor, Button, PasswordInput, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconBuilding, IconFingerprint, IconHeadset } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '@/api/client';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { SignUpLink } from '@/features/signup/SignUpLink';
import { hostBrand } from '@/theme/look';
import { WaysIn } from '@/features/providers/WaysIn';
import { BarePage } from './BarePage';
import { OTPForm } from './OTPForm';
import { chooseDoor, hasPasskeys, isCancelled, passkeySignIn } from './passkeys';
import { addressKept, landingNow, signIn, type Door } from './signIn';
import classes from './access.module.css';

interface Props {
  title?: string;
  text?: string;
  /** Where to, unless the address says it. */
  next?: string;
  /** Of customers, whom no provider vouches for. */
  customers?: boolean;
}

export default function SignInPage({ title, text, next, customers }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { next?: string };
  const portal = hostBrand()?.portal;
  const signInText = t(portal ? 'portal.signInText' : 'signIn.text');
  const [email, setEmail] = useState(addressKept);
  const [password, setPassword] = useState('');
  const [doors, setDoors] = useState<Door[]>([]);
  const [asked, setAsked] = useState(false);
  const [otp, setOTP] = useState<string>();
  const enter = useMutation({
    mutationFn: (more: { membership?: string; otp?: string }) =>
      signIn({ email: email.trim(), password, ...more }),
    onSuccess: async (answer, more) => {
      setOTP(more.otp);
      if (answer.doors) return setDoors(answer.doors);
      await navigate({ to: landingNow(search.next ?? next), replace: true });
    },
    onError: (error) => {
      setDoors([]);
      const code = isApiError(error) ? error.code : '';
      if (code === 'otp_required' || code === 'wrong_otp') return setAsked(true);
      setAsked(false);
      setPassword('');
    },
  });
  const [ticket, setTicket] = useState<string>();
  const key = useMutation({
    mutationFn: (door?: { ticket: string; id: string }) =>
      door ? chooseDoor(door.ticket, door.id) : passkeySignIn(),
    onSuccess: async (answer) => {
      setTicket(answer.ticket);
      if (answer.doors) return setDoors(answer.doors);
      await navigate({ to: landingNow(search.next), replace: true });
    },
    onError: () => {
      setDoors([]);
      setTicket(undefined);
    },
  });
  const choose = (id: string) =>
    ticket ? key.mutate({ ticket, id }) : enter.mutate({ membership: id, otp });
  const back = () => {
    enter.reset();
    key.reset();
    setTicket(undefined);
    setAsked(false);
    setDoors([]);
    setPassword('');
  };
  if (asked && doors.length === 0) {
    return (
      <BarePage title={t('account.codeTitle')} text={t('account.codeText')}>
        <OTPForm
          error={isApiError(enter.error) && enter.error.code === 'otp_required' ? null : enter.error}
          pending={enter.isPending}
          onCode={(otp) => enter.mutate({ otp })}
          onCancel={back}
        />
      </BarePage>
    );
  }
  if (doors.length > 0) {
    return (
      <BarePage title={t('account.chooseTitle')} text={t('account.chooseText')}>
        <Stack gap="xs">
          {doors.map((d) => (
            <DoorButton
              key={d.id}
              door={d}
              disabled={enter.isPending || key.isPending}
              onChoose={() => choose(d.id)}
            />
          ))}
          <Button mt="xs" variant="default" onClick={back}>
            {t('action.cancel')}
          </Button>
        </Stack>
      </BarePage>
    );
  }
  return (
    <BarePage title={title ?? t(portal ? 'portal.signInTitle' : 'signIn.title')} text={text ?? signInText}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          enter.mutate({});
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={enter.error ?? (isCancelled(key.error) ? null : key.error)} />
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
          <Button type="submit" mt="xs" fullWidth loading={enter.isPending}>
            {t('signIn.submit')}
          </Button>
          {hasPasskeys() && (
            <Button
              fullWidth
              variant="default"
              leftSection={<IconFingerprint size={16} />}
              loading={key.isPending}
              onClick={() => {
                enter.reset();
                key.mutate(undefined);
              }}
            >
              {t('account.passkeySignIn')}
            </Button>
          )}
          {!customers && !portal && <WaysIn next={search.next ?? next} />}
          <Anchor component={Link} to="/forgot-password" ta="center">
            {t('forgot.link')}
          </Anchor>
          {(portal || next === '/portal') && <SignUpLink />}
        </Stack>
      </form>
    </BarePage>
  );
}

function DoorButton({ door, disabled, onChoose }: { door: Door; disabled: boolean; onChoose: () => void }) {
  const { t } = useTranslation();
  const Glyph = door.kind === 'staff' ? IconHeadset : IconBuilding;
  return (
    <UnstyledButton className={classes.door} disabled={disabled} onClick={onChoose}>
      <Glyph size={20} stroke={1.6} aria-hidden />
      <span>
        <Text span fw={600} display="block">
          {door.kind === 'staff' ? t('account.asStaff') : door.customer}
        </Text>
        <Text span size="sm" c="dimmed">
          {door.name}
        </Text>
      </span>
    </UnstyledButton>
  );
}
