import { Avatar, Button, Popover, Text, UnstyledButton } from '@mantine/core';
import { IconLogout } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { isApiError } from '@/api/client';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { portalTabs } from '@/app/wings';
import { SignInAgain } from '@/app/shell/SignInAgain';
import { initials, Item, Languages, Schemes } from '@/app/shell/menuParts';
import { signOut } from '@/features/access/signIn';
import { currentLanguage, languageChosen, languages, setLanguage } from '@/i18n';
import { useBrand } from '@/theme/look';
import { BrandFooter, BrandMark } from '@/ui/BrandMark';
import { BarePage } from '@/features/access/BarePage';
import { LentBanner } from './LentBanner';
import { portalSessionQuery, usePortalCan, usePortalSession } from './session';
import classes from './portal.module.css';

/** The frame of the portal: whose it is, a few tabs, and who is here. */
export default function PortalLayout() {
  const { t } = useTranslation();
  const session = usePortalSession();
  const can = usePortalCan();
  const path = useRouterState({ select: (s) => s.location.pathname.replace(/\/$/, '') });
  const lent = session?.impersonation;
  const bar = useRef<HTMLElement>(null);
  // On a phone the tab of this page may be out of sight.
  useEffect(() => {
    bar.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [path, session]);
  useOwnLanguage(lent ? undefined : session?.contact.language);
  useBrand(session?.brand);
  const gone = useLentEnd(lent?.until);
  if (gone) return <Left />;
  if (!session) return null;
  const tabs = portalTabs.filter((tab) => can(tab.permission));
  return (
    <div className={classes.shell}>
      {lent && <LentBanner session={session} lent={lent} />}
      <a href="#main" className="skip-link">
        {t('shell.skip')}
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link
            to="/portal"
            className={classes.brand}
            aria-label={t('portal.homeOf', { name: session.organization })}
          >
            <BrandMark brand={session.brand} />
          </Link>
          <PersonMenu />
        </div>
        <nav ref={bar} className={classes.tabs} aria-label={t('portal.nav')}>
          {tabs.map((tab) => (
            <Link
              key={tab.to}
              to={tab.to}
              className={classes.tab}
              activeOptions={{ exact: true, includeSearch: false }}
              aria-current={
                path === tab.to || (tab.to !== '/portal' && path.startsWith(`${tab.to}/`))
                  ? 'page'
                  : undefined
              }
            >
              {t(tab.label)}
            </Link>
          ))}
        </nav>
      </header>
      <main id="main" tabIndex={-1} className={classes.main}>
        <Outlet />
      </main>
      <BrandFooter brand={session.brand} />
      {!lent && <SignInAgain />}
    </div>
  );
}

/** Whether staff who look as a contact have to stop: asked every quarter of a minute, and when the time is over. */
function useLentEnd(until: string | undefined): boolean {
  const watched = useQuery({
    ...portalSessionQuery,
    enabled: until !== undefined,
    refetchInterval: 15_000,
    refetchOnMount: false,
  });
  return until !== undefined && isApiError(watched.error) && [401, 403].includes(watched.error.status);
}

function Left() {
  const { t } = useTranslation();
  return (
    <BarePage title={t('openPortal.leftTitle')} text={t('openPortal.leftText')}>
      <Button component="a" href="/customers" fullWidth>
        {t('openPortal.toConsole')}
      </Button>
    </BarePage>
  );
}

/** The language of the profile, until somebody chooses one at this browser. */
function useOwnLanguage(language: string | undefined) {
  useEffect(() => {
    const known = languages.find((l) => l.code === language)?.code;
    if (known && !languageChosen() && known !== currentLanguage()) void setLanguage(known, false);
  }, [language]);
}

function PersonMenu() {
  const { t } = useTranslation();
  const session = usePortalSession();
  const navigate = useNavigate();
  const [opened, setOpened] = useState(false);
  if (!session) return null;
  const { name, email } = session.contact;
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={260} trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton
          className={classes.person}
          aria-label={t('user.menu', { name })}
          onClick={() => setOpened((o) => !o)}
        >
          <span className={classes.who}>
            <span className="truncate">{name}</span>
            <span className="truncate">{session.customer.name}</span>
          </span>
          <Avatar size={32} radius="xl" color="spruce" variant="filled" alt="">
            {initials(name)}
          </Avatar>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label={t('user.menu', { name })}>
        <div className={classes.menuHead}>
          <Text fw={600} truncate>
            {name}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {email}
          </Text>
        </div>
        <Schemes />
        <Languages />
        {!session.impersonation && (
          <div className={classes.menuItems}>
            <Item
              icon={IconLogout}
              label={t('user.signOut')}
              onClick={() => void signOut().then(() => navigate({ to: '/portal/sign-in' }))}
            />
          </div>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
