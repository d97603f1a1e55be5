import type { ComponentType } from 'react';
import type { Icon } from '@tabler/icons-react';
import type { Customer } from '@/api/types';

// A wing (or a feature of one) adds itself to the console by a file
// features/<name>/register.ts that exports `feature`. Nothing else has to be
// edited: routes, navigation, palette, g-shortcuts, customer tabs and panels
// are read from here.

export type Loader = () => Promise<{ default: ComponentType }>;

export interface RouteSpec {
  /** TanStack Router path: "/groups/$groupId". */
  path: string;
  load: Loader;
  /** Shown only with this permission; otherwise the "not allowed" page. */
  permission?: string;
  /** For those alone who see everything, and not the customers of a reseller. */
  whole?: boolean;
  /** bare: without the shell and without a session (sign-in, set-up). */
  bare?: boolean;
  /** bare, but for those who are signed in and have something to do first. */
  signedIn?: 'first';
  /** Inside the portal's frame, for contacts; the permission is one of theirs. */
  portal?: boolean;
  /** Catalogue key of the document title. */
  title: string;
}

export type NavWing = 'customers' | 'activity' | 'settings';
export const wingOrder: NavWing[] = ['customers', 'activity', 'settings'];

export interface NavItem {
  wing: NavWing;
  label: string;
  to: string;
  icon: Icon;
  permission?: string;
  whole?: boolean;
  order: number;
  /** Letter after g that goes there. */
  key?: string;
  /** Also highlighted under these path prefixes. */
  also?: string[];
}

/** Something the palette can do: its own page, so that it works from anywhere. */
export interface PaletteAction {
  label: string;
  to: string;
  icon: Icon;
  permission?: string;
}

/** A tab of the portal. */
export interface PortalTab {
  to: string;
  label: string;
  order: number;
  permission?: string;
}

/** A tab of the customer page at /customers/$id/<path>; "" is Main. */
export interface CustomerTab {
  path: string;
  label: string;
  order: number;
  permission?: string;
  /** Of these alone; left out: of all. */
  kinds?: Customer['kind'][];
  load: () => Promise<{ default: ComponentType<{ customer: Customer }> }>;
}

/** A block on the customer's Main tab. A wing that is not there leaves no gap. */
export interface CustomerPanel {
  id: string;
  slot: 'wide' | 'side';
  order: number;
  permission?: string;
  load: () => Promise<{ default: ComponentType<{ customer: Customer }> }>;
}

export interface Feature {
  routes?: RouteSpec[];
  nav?: NavItem[];
  actions?: PaletteAction[];
  customerTabs?: CustomerTab[];
  customerPanels?: CustomerPanel[];
  portalTabs?: PortalTab[];
}

const modules = import.meta.glob<{ feature: Feature }>('../features/**/register.ts', { eager: true });
const features = Object.values(modules).map((m) => m.feature);

function collect<K extends keyof Feature>(key: K): NonNullable<Feature[K]> {
  return features.flatMap((f) => (f[key] ?? []) as unknown[]) as unknown as NonNullable<Feature[K]>;
}

const byOrder = (a: { order: number }, b: { order: number }) => a.order - b.order;

export const routes = collect('routes');
export const navItems = collect('nav').sort(byOrder);
export const paletteActions = collect('actions');
export const customerTabs = collect('customerTabs').sort(byOrder);
export const portalTabs = collect('portalTabs').sort(byOrder);
export const customerPanels = collect('customerPanels').sort(byOrder);
