import { Avatar, Menu, Text, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconCheck,
  IconDeviceDesktop,
  IconKey,
  IconKeyboard,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconSun,
} from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { queryClient } from '@/app/query';
import { useSession } from '@/app/session';
import { currentLanguage, languages, setLanguage } from '@/i18n';
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
  if (!session) return null;

  const signOut = async () => {
    await api.delete('/session').catch(() => undefined);
    queryClient.clear();
    await navigate({ to: '/sign-in', search: {} });
  };

  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <UnstyledButton
            className={classes.button}
            aria-label={t('user.menu', { name: session.staff.name })}
          >
            <Avatar size={28} radius="xl" color="spruce" variant="filled" alt="">
              {initials(session.staff.name)}
            </Avatar>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <div className={classes.who}>
            <Text fw={600} truncate>
              {session.staff.name}
            </Text>
            <Text size="xs" c="dimmed" truncate>
              {session.staff.email} · {t(`role.${session.staff.role}`)}
            </Text>
          </div>
          <Menu.Divider />
          <Schemes />
          <Menu.Divider />
          <Languages />
          <Menu.Divider />
          <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={onKeys} rightSection={<kbd>?</kbd>}>
            {t('keys.title')}
          </Menu.Item>
          <Menu.Item leftSection={<IconKey size={16} />} onClick={setPassword.open}>
            {t('user.password')}
          </Menu.Item>
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
            {t('user.signOut')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {password && (
        <Suspense>
          <PasswordDialog onClose={setPassword.close} />
        </Suspense>
      )}
    </>
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
    <>
      <Menu.Label>{t('user.theme')}</Menu.Label>
      {schemes.map(({ value, icon: Glyph }) => (
        <Menu.Item
          key={value}
          role="menuitemradio"
          aria-checked={colorScheme === value}
          leftSection={<Glyph size={16} />}
          rightSection={colorScheme === value ? <IconCheck size={16} /> : null}
          onClick={() => setColorScheme(value)}
          closeMenuOnClick={false}
        >
          {t(`theme.${value}`)}
        </Menu.Item>
      ))}
    </>
  );
}

function Languages() {
  const { t } = useTranslation();
  return (
    <>
      <Menu.Label>{t('user.language')}</Menu.Label>
      {languages.map((l) => (
        <Menu.Item
          key={l.code}
          role="menuitemradio"
          aria-checked={currentLanguage() === l.code}
          lang={l.code}
          leftSection={<IconLanguage size={16} />}
          rightSection={currentLanguage() === l.code ? <IconCheck size={16} /> : null}
          onClick={() => void setLanguage(l.code)}
          closeMenuOnClick={false}
        >
          {l.name}
        </Menu.Item>
      ))}
    </>
  );
}
