// How the page looks to customers: by the brand of the address, or of the contact who is in the portal.
import { useLayoutEffect, useSyncExternalStore } from 'react';
import type { components } from '@/api/schema';

export type Brand = components['schemas']['BrandShown'];

let known: Brand | null | undefined;

/** The brand of this address, which the server writes into the page; null on the development server. */
export function hostBrand(): Brand | null {
  if (known !== undefined) return known;
  known = null;
  try {
    const text = document.querySelector('meta[name="tandem-brand"]')?.getAttribute('content');
    if (text) known = JSON.parse(text) as Brand;
  } catch {
    // Without it the page is the program's own.
  }
  return known;
}

let shown: Brand | null = null;
const listeners = new Set<() => void>();

function show(brand: Brand | null): void {
  shown = brand;
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  const wanted = brand?.icon ?? '/favicon.svg';
  if (icon && icon.getAttribute('href') !== wanted) {
    icon.removeAttribute('type');
    icon.setAttribute('href', wanted);
  }
  for (const tell of listeners) tell();
}

/** The brand whose colours the page has; null: the program's own. */
export function useShownBrand(): Brand | null {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => shown,
  );
}

/** Dresses the page in a brand while the caller is drawn: before anything of it is painted. */
export function useBrand(brand: Brand | null | undefined): void {
  useLayoutEffect(() => {
    show(brand ?? null);
    return () => show(null);
  }, [brand]);
}
