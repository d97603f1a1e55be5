import { IconPalette } from '@tabler/icons-react';
import type { Feature } from '@/app/wings';

export const feature: Feature = {
  routes: [
    {
      path: '/settings/branding',
      title: 'brand.title',
      permission: 'brand.read',
      load: () => import('./BrandPage'),
    },
  ],
  nav: [
    {
      wing: 'settings',
      label: 'brand.title',
      to: '/settings/branding',
      icon: IconPalette,
      permission: 'brand.read',
      order: 15,
    },
  ],
  customerTabs: [
    {
      path: 'branding',
      label: 'brand.title',
      order: 60,
      permission: 'brand.read',
      kinds: ['reseller'],
      load: () => import('./BrandTab'),
    },
  ],
};
