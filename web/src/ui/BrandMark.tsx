import { Anchor } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Brand as BrandLook } from '@/theme/look';
import { ownColor } from '@/theme/brand';
import { Brand } from './Brand';
import classes from './Brand.module.css';

type Logo = NonNullable<BrandLook['logo_light']>;

/** A logo as large as there is room, never larger than it is: its place is there before it is. */
function sizeOf(logo: Logo, height: number): { width: number; height: number } {
  const share = Math.min(1, 200 / logo.width, height / logo.height);
  return {
    width: Math.max(1, Math.round(logo.width * share)),
    height: Math.max(1, Math.round(logo.height * share)),
  };
}

interface Props {
  brand: BrandLook | null;
  large?: boolean;
  /** One scheme, whatever the page has: for previews. */
  scheme?: 'light' | 'dark';
}

/** Whose page it is: the logo, or a sign in the brand's colour with the name. */
export function BrandMark({ brand, large, scheme }: Props) {
  if (!brand) return <Brand large={large} />;
  const light = brand.logo_light ?? brand.logo_dark;
  const dark = brand.logo_dark ?? brand.logo_light;
  if (light && dark) {
    return (
      <span className={classes.root} data-large={large || undefined}>
        {scheme !== 'dark' && (
          <LogoOn ground="light" logo={light} made={!!brand.logo_light} {...{ brand, large, scheme }} />
        )}
        {scheme !== 'light' && (
          <LogoOn ground="dark" logo={dark} made={!!brand.logo_dark} {...{ brand, large, scheme }} />
        )}
      </span>
    );
  }
  if (brand.color === ownColor) return <Brand large={large} name={brand.name} />;
  return (
    <span className={classes.root} data-large={large || undefined}>
      <span className={classes.tile} aria-hidden>
        {[...brand.name][0]?.toUpperCase()}
      </span>
      <span className={classes.name}>{brand.name}</span>
    </span>
  );
}

interface LogoProps extends Props {
  brand: BrandLook;
  logo: Logo;
  ground: 'light' | 'dark';
  /** It was made for this ground; otherwise it gets its own. */
  made: boolean;
}

function LogoOn({ brand, logo, ground, made, large, scheme }: LogoProps) {
  return (
    <img
      src={logo.url}
      alt={brand.name}
      {...sizeOf(logo, large ? 56 : 40)}
      className={classes.logo}
      data-ground={scheme ? undefined : ground}
      data-plate={made ? undefined : ground}
    />
  );
}

/** Where to find help, and what the law asks for; nothing where there is neither. */
export function BrandFooter({ brand }: { brand: BrandLook | null }) {
  const { t } = useTranslation();
  if (!brand) return null;
  const links = [
    brand.support_email && { href: `mailto:${brand.support_email}`, text: brand.support_email },
    brand.support_phone && {
      href: `tel:${brand.support_phone.replace(/[^+\d]/g, '')}`,
      text: brand.support_phone,
    },
    brand.website && { href: brand.website, text: t('brand.website') },
    brand.imprint_url && { href: brand.imprint_url, text: t('brand.imprint') },
    brand.privacy_url && { href: brand.privacy_url, text: t('brand.privacy') },
  ].filter((l) => !!l);
  if (links.length === 0) return null;
  return (
    <footer className={classes.footer}>
      {links.map((link) => (
        <Anchor key={link.href} href={link.href} rel="noreferrer">
          {link.text}
        </Anchor>
      ))}
    </footer>
  );
}
