import { IconEye } from '@tabler/icons-react';
import type { Feature } from '@/app/wings';

export const feature: Feature = {
  routes: [
    { path: '/portal/sign-in', title: 'portal.signIn', bare: true, load: () => import('./SignInPage') },
    { path: '/portal/enter', title: 'openPortal.entering', bare: true, load: () => import('./EnterPage') },
    {
      path: '/open-portal',
      title: 'openPortal.page',
      permission: 'contact.impersonate',
      load: () => import('./OpenPortalPage'),
    },
    { path: '/portal', title: 'portal.home', portal: true, load: () => import('./DashboardPage') },
    { path: '/portal/profile', title: 'portal.profile', portal: true, load: () => import('./ProfilePage') },
    {
      path: '/portal/customer',
      title: 'portal.customer',
      portal: true,
      load: () => import('./CustomerPage'),
    },
    {
      path: '/portal/contacts',
      title: 'portal.contacts',
      portal: true,
      permission: 'portal.contacts',
      load: () => import('./ContactsPage'),
    },
  ],
  actions: [
    { label: 'openPortal.page', to: '/open-portal', icon: IconEye, permission: 'contact.impersonate' },
  ],
  portalTabs: [
    { to: '/portal', label: 'portal.home', order: 10 },
    { to: '/portal/customer', label: 'portal.customer', order: 80 },
    { to: '/portal/contacts', label: 'portal.contacts', order: 85, permission: 'portal.contacts' },
    { to: '/portal/profile', label: 'portal.profile', order: 90 },
  ],
};
