import { IconLogin2 } from '@tabler/icons-react';
import type { Feature } from '@/app/wings';

export const feature: Feature = {
  routes: [
    {
      path: '/settings/sign-in',
      title: 'provider.nav',
      permission: 'staff.read',
      whole: true,
      load: () => import('./ProvidersPage'),
    },
    { path: '/sign-in/back', title: 'provider.back', bare: true, load: () => import('./BackPage') },
  ],
  nav: [
    {
      wing: 'settings',
      label: 'provider.nav',
      to: '/settings/sign-in',
      icon: IconLogin2,
      permission: 'staff.read',
      whole: true,
      order: 36,
    },
  ],
};
