import { ActionIcon, ScrollArea, Tooltip, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from '@tabler/icons-react';
import { Link, useRouterState } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useCan } from '@/app/session';
import { navItems, wingOrder, type NavItem } from '@/app/wings';
import { Brand } from '@/ui/Brand';
import classes from './Shell.module.css';

interface Props {
  /** Icons only. */
  narrow?: boolean;
  onFold?: () => void;
}

export function Navigation({ narrow, onFold }: Props) {
  const { t } = useTranslation();
  const can = useCan();
  const shown = navItems.filter((n) => can(n.permission, n.whole));
  return (
    <div className={classes.nav} data-narrow={narrow || undefined}>
      {onFold && (
        <div className={classes.brand}>
          <Link to="/" className={classes.brandLink} aria-label={t('app.name')}>
            <Brand compact={narrow} />
          </Link>
        </div>
      )}
      <ScrollArea className={classes.navScroll} scrollbarSize={6}>
        <nav aria-label={t('shell.navigation')}>
          {wingOrder.map((wing) => {
            const items = shown.filter((n) => n.wing === wing);
            if (items.length === 0) return null;
            return (
              <section key={wing} className={classes.wing} aria-label={t(`wing.${wing}`)}>
                <h2 className={classes.wingTitle}>
                  {narrow ? <VisuallyHidden>{t(`wing.${wing}`)}</VisuallyHidden> : t(`wing.${wing}`)}
                </h2>
                <ul className={classes.list}>
                  {items.map((item) => (
                    <li key={item.to}>
                      <NavLink item={item} narrow={narrow} />
                    </li>
                  ))}
                </ul>
              </section>
            );
          })}
        </nav>
      </ScrollArea>
      {onFold && (
        <div className={classes.fold}>
          <ActionIcon
            onClick={onFold}
            aria-expanded={!narrow}
            aria-label={narrow ? t('shell.unfold') : t('shell.fold')}
          >
            {narrow ? <IconLayoutSidebarLeftExpand size={18} /> : <IconLayoutSidebarLeftCollapse size={18} />}
          </ActionIcon>
        </div>
      )}
    </div>
  );
}

function isUnder(path: string, base: string): boolean {
  return path === base || path.startsWith(`${base}/`);
}

function NavLink({ item, narrow }: { item: NavItem; narrow?: boolean }) {
  const { t } = useTranslation();
  const path = useRouterState({ select: (s) => s.location.pathname });
  const active = [item.to, ...(item.also ?? [])].some((p) => isUnder(path, p));
  const Glyph = item.icon;
  const label = t(item.label);
  return (
    <Tooltip label={label} position="right" disabled={!narrow}>
      <UnstyledButton
        component={Link}
        to={item.to}
        className={classes.link}
        data-active={active || undefined}
        aria-current={active ? 'page' : undefined}
        aria-label={narrow ? label : undefined}
      >
        <Glyph size={18} stroke={1.6} aria-hidden />
        {!narrow && <span className="truncate">{label}</span>}
      </UnstyledButton>
    </Tooltip>
  );
}
