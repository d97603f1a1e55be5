import { Avatar, Popover, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconKey, IconKeyboard, IconLogout, IconUserCircle } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { queryClient } from '@/app/query';
import { useSession } from '@/app/session';
import { initials, Item, Languages, Schemes } from './menuParts';
import classes from './UserMenu.module.css';

const PasswordDialog = lazy(() => import('./PasswordDialog'));

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
