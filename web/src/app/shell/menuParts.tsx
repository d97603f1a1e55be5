import {
  SegmentedControl,
  UnstyledButton,
  useMantineColorScheme,
  VisuallyHidden,
  type MantineColorScheme,
} from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconSun, type Icon } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { currentLanguage, languages, setLanguage, type LanguageCode } from '@/i18n';
import classes from './UserMenu.module.css';

// What the menus of the console's and the portal's person have in common.

const schemes = [
  { value: 'light', icon: IconSun },
  { value: 'dark', icon: IconMoon },
  { value: 'auto', icon: IconDeviceDesktop },
] as const;

export function Item({ icon: Glyph, label, onClick }: { icon: Icon; label: string; onClick: () => void }) {
  return (
    <UnstyledButton className={classes.item} onClick={onClick}>
      <Glyph size={16} stroke={1.7} aria-hidden />
      {label}
    </UnstyledButton>
  );
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return ((words[0]?.[0] ?? '') + (words.length > 1 ? (words.at(-1)?.[0] ?? '') : '')).toUpperCase();
}

export function Schemes() {
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

export function Languages() {
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
