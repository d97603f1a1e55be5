import {
  createTheme,
  defaultVariantColorsResolver,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from '@mantine/core';
import type { components } from '@/api/schema';
import { cssVariables } from './theme';

export type BrandColors = components['schemas']['BrandColors'];

/** One colour moved towards another: 0 stays, 1 is the other. */
export function mix(from: string, to: string, share: number): string {
  const part = (hex: string, at: number) => parseInt(hex.slice(at, at + 2), 16);
  return `#${[1, 3, 5]
    .map((at) => Math.round(part(from, at) + (part(to, at) - part(from, at)) * share))
    .map((n) => n.toString(16).padStart(2, '0'))
    .join('')}`;
}

/** The program's own colour: of who has chosen none. */
export const ownColor = '#0b5f59';

const white = '#ffffff';
const night = '#131517';

/** The shades in the places where Mantine takes them from: 7 fills in the light, 6 in the dark, 4 is text in the dark. */
function shades(c: BrandColors): MantineColorsTuple {
  return [
    mix(c.fill, white, 0.92),
    mix(c.fill, white, 0.86),
    mix(c.text_dark, white, 0.4),
    mix(c.text_dark, white, 0.2),
    c.text_dark,
    mix(c.fill_dark, white, 0.2),
    c.fill_dark,
    c.fill,
    mix(c.fill, c.on_fill === white ? night : white, 0.12),
    mix(c.text, night, 0.3),
  ];
}

/** What a brand's colour changes in the theme. The server has seen to it that everything can be read. */
export function brandTheme(c: BrandColors) {
  return createTheme({
    colors: { spruce: shades(c) },
    variantColorResolver: (input) => {
      const found = defaultVariantColorsResolver(input);
      const own = !input.color || input.color === 'spruce';
      return own && input.variant === 'filled' ? { ...found, color: 'var(--td-on-fill)' } : found;
    },
  });
}

export function brandVariables(c: BrandColors): CSSVariablesResolver {
  return (theme) => {
    const base = cssVariables(theme);
    return {
      variables: base.variables,
      light: {
        ...base.light,
        '--mantine-color-anchor': c.text,
        '--mantine-primary-color-contrast': c.on_fill,
        '--td-accent': c.text,
        '--td-selected': mix(c.fill, white, 0.88),
        '--td-on-fill': c.on_fill,
      },
      dark: {
        ...base.dark,
        '--mantine-color-anchor': c.text_dark,
        '--mantine-color-spruce-filled-hover': mix(
          c.fill_dark,
          c.on_fill_dark === white ? night : white,
          0.12,
        ),
        '--mantine-primary-color-filled-hover': mix(
          c.fill_dark,
          c.on_fill_dark === white ? night : white,
          0.12,
        ),
        '--mantine-primary-color-contrast': c.on_fill_dark,
        '--td-accent': c.text_dark,
        '--td-selected': mix(c.fill_dark, night, 0.75),
        '--td-on-fill': c.on_fill_dark,
      },
    };
  };
}
