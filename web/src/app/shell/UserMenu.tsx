import {
  Avatar,
  Popover,
  SegmentedControl,
  Text,
  UnstyledButton,
  useMantineColorScheme,
  VisuallyHidden,
  type MantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconDeviceDesktop,
  IconKey,
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconSun,
  IconUserCircle,
  type Icon,
} from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { queryClient } from '@/app/query';
import { useSession } from '@/app/session';
import { currentLanguage, languages, setLanguage, type LanguageCode } from '@/i18n';
import classes from './UserMenu.module.css';

const PasswordDialog = lazy(() => import('./PasswordDialog'));

const schemes = [
  { value: 'light', icon: IconSun },
  { value: 'dark', icon: IconMoon },
  { value: 'auto', icon: IconDeviceDesktop },
] as const;

export function UserMenu({ onKeys }: { onKeys: () => void }) {
  const { t } = useTranslation();
  const session = useSession();
  const navigate = useNavigate();
  const [password, setPassword] = useDisclosure(false);
  const [opened, setOpened] = useState(false);
  const then = (run: () => void) => () => {
    setOpened(false);
    run();
  };
  if (!session) return null;

  const signOut = async () => {
    await api.delete('/session').catch(() => undefined);
    queryClient.clear();
    await navigate({ to: '/sign-in', search: {} });
  };

  return (
    <>
      <Popover opened={opened} onChange={setOpened} position="bottom-end" width={260} trapFocus returnFocus>
        <Popover.Target>
          <UnstyledButton
            className={classes.button}
            aria-label={t('user.menu', { name: session.staff.name })}
            onClick={() => setOpened((o) => !o)}
          >
            <Avatar size={28} radius="xl" color="spruce" variant="filled" alt="">
              {initials(session.staff.name)}
            </Avatar>
          </UnstyledButton>
        </Popover.Target>
        <Popover.Dropdown p={0} aria-label={t('user.menu', { name: session.staff.name })}>
          <div className={classes.who}>
            <Text fw={600} truncate>
              {session.staff.name}
            </Text>
            <Text size="xs" c="dimmed" truncate>
              {session.staff.email} ·{' '}
              {session.staff.roles
                .map((r) => t(`role.${r}`, { defaultValue: r.replaceAll('_', ' ') }))
                .join(', ')}
            </Text>
          </div>
          <Schemes />
          <Languages />
          <div className={classes.items}>
            <Item icon={IconKeyboard} label={t('keys.title')} onClick={then(onKeys)} />
            <Item
              icon={IconUserCircle}
              label={t('account.title')}
              onClick={then(() => void navigate({ to: '/account' }))}
            />
            <Item icon={IconKey} label={t('user.password')} onClick={then(setPassword.open)} />
            <Item icon={IconLogout} label={t('user.signOut')} onClick={() => void signOut()} />
          </div>
        </Popover.Dropdown>
      </Popover>
      {password && (
        <Suspense>
          <PasswordDialog onClose={setPassword.close} />
        </Suspense>
      )}
    </>
  );
}

function Item({ icon: Glyph, label, onClick }: { icon: Icon; label: string; onClick: () => void }) {
  return (
    <UnstyledButton className={classes.item} onClick={onClick}>
      <Glyph size={16} stroke={1.7} aria-hidden />
      {label}
    </UnstyledButton>
  );
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return ((words[0]?.[0] ?? '') + (words.length > 1 ? (words.at(-1)?.[0] ?? '') : '')).toUpperCase();
}

function Schemes() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <div className={classes.choice}>
      <span className={classes.label}>{t('user.theme')}</span>
      <SegmentedControl
        fullWidth
        size="xs"
        aria-label={t('user.theme')}
        value={colorScheme}
        onChange={(v) => setColorScheme(v as MantineColorScheme)}
        data={schemes.map(({ value, icon: Glyph }) => ({
          value,
          label: (
            <span className={classes.scheme} title={t(`theme.${value}`)}>
              <Glyph size={16} aria-hidden />
              <VisuallyHidden>{t(`theme.${value}`)}</VisuallyHidden>
            </span>
          ),
        }))}
      />
    </div>
  );
}

function Languages() {
  const { t } = useTranslation();
  return (
    <div className={classes.choice}>
      <span className={classes.label}>{t('user.language')}</span>
      <SegmentedControl
        fullWidth
        size="xs"
        aria-label={t('user.language')}
        value={currentLanguage()}
        onChange={(v) => void setLanguage(v as LanguageCode)}
        data={languages.map((l) => ({ value: l.code, label: <span lang={l.code}>{l.name}</span> }))}
      />
    </div>
  );
}
