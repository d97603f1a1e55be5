import { Drawer } from '@mantine/core';
import { useDisclosure, useHotkeys, useLocalStorage, useMediaQuery } from '@mantine/hooks';
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRound } from '@/app/again';
import { useEventStream } from '@/app/events';
import { useRememberLists } from '@/app/lastList';
import { mustPage } from '@/api/must';
import { useSession } from '@/app/session';
import { Header } from './Header';
import { Navigation } from './Navigation';
import { useGoKeys } from './keys';
import { SignInAgain } from './SignInAgain';
import { WhyDialog } from './WhyDialog';
import classes from './Shell.module.css';

const Palette = lazy(() => import('./Palette'));
const Shortcuts = lazy(() => import('./Shortcuts'));

/** Leaves for what has to be done first, when that came up while somebody is here. */
function useMust(must: string | undefined) {
  const navigate = useNavigate();
  const to = mustPage(must);
  useEffect(() => {
    if (to) void navigate({ to, replace: true });
  }, [to, navigate]);
}

/** Header, navigation and the page; only ever shown to a signed-in person. */
export function ConsoleLayout() {
  const { t } = useTranslation();
  const session = useSession();
  const [drawer, setDrawer] = useDisclosure(false);
  const [palette, setPalette] = useDisclosure(false);
  const [keys, setKeys] = useDisclosure(false);
  const wide = useMediaQuery('(min-width: 68em)', true, { getInitialValueInEffect: false });
  const phone = useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false });
  const [folded, setFolded] = useLocalStorage<boolean | null>({
    key: 'tandem-navigation-folded',
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const narrow = folded ?? !wide;

  useEventStream(session !== null, useRound());
  useHotkeys([['mod+K', setPalette.toggle]], []);
  useHotkeys([
    ['shift+?', setKeys.toggle],
    ['?', setKeys.toggle],
  ]);
  useGoKeys();
  useRememberLists();
  usePageFocus(setDrawer.close);
  useMust(session?.must);

  return (
    <div className={classes.shell} data-narrow={narrow || undefined}>
      <a href="#main" className="skip-link">
        {t('shell.skip')}
      </a>
      {!phone && (
        <aside className={classes.aside}>
          <Navigation narrow={narrow} onFold={() => setFolded(!narrow)} />
        </aside>
      )}
      <Header onMenu={phone ? setDrawer.open : undefined} onPalette={setPalette.open} onKeys={setKeys.open} />
      <main id="main" tabIndex={-1} className={classes.main}>
        <Outlet />
      </main>
      <Drawer
        opened={drawer && phone}
        onClose={setDrawer.close}
        size={272}
        padding={0}
        title={t('app.name')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
        classNames={{ content: classes.drawer, header: classes.drawerHead }}
      >
        <Navigation />
      </Drawer>
      <SignInAgain />
      <WhyDialog />
      <Suspense>
        <Kept shown={palette}>
          <Palette opened={palette} onClose={setPalette.close} />
        </Kept>
        <Kept shown={keys}>
          <Shortcuts opened={keys} onClose={setKeys.close} />
        </Kept>
      </Suspense>
    </div>
  );
}

/** Loads its content when first shown, and keeps it so that closing can fade. */
function Kept({ shown, children }: { shown: boolean; children: React.ReactNode }) {
  const [seen, setSeen] = useState(shown);
  if (shown && !seen) setSeen(true);
  return seen || shown ? children : null;
}

/** After going to another page the keyboard starts at its top, not at a vanished link. */
function usePageFocus(onChange: () => void): void {
  const path = useRouterState({ select: (s) => s.location.pathname });
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    onChange();
    const active = document.activeElement;
    if (!active || active === document.body) document.getElementById('main')?.focus({ preventScroll: true });
    // Only the path counts: onChange is a new function at each render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [path]);
}
