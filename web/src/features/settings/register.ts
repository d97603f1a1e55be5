import { IconAdjustmentsHorizontal, IconForms, IconKey, IconUserShield } from '@tabler/icons-react';
import type { Feature } from '@/app/wings';

export const feature: Feature = {
  routes: [
    {
      path: '/settings/general',
      title: 'nav.general',
      permission: 'setting.read',
      load: () => import('./GeneralPage'),
    },
    {
      path: '/settings/custom-fields',
      title: 'nav.customFields',
      permission: 'custom_field.read',
      load: () => import('./CustomFieldsPage'),
    },
    {
      path: '/settings/staff',
      title: 'nav.staff',
      permission: 'staff.read',
      load: () => import('./StaffPage'),
    },
    {
      path: '/settings/api-tokens',
      title: 'nav.apiTokens',
      permission: 'token.read',
      load: () => import('./TokensPage'),
    },
  ],
  nav: [
    {
      wing: 'settings',
      label: 'nav.general',
      to: '/settings/general',
      icon: IconAdjustmentsHorizontal,
      permission: 'setting.read',
      order: 10,
      key: 's',
    },
    {
      wing: 'settings',
      label: 'nav.customFields',
      to: '/settings/custom-fields',
      icon: IconForms,
      permission: 'custom_field.read',
      order: 20,
      key: 'f',
    },
    {
      wing: 'settings',
      label: 'nav.staff',
      to: '/settings/staff',
      icon: IconUserShield,
      permission: 'staff.read',
      order: 30,
      key: 'u',
    },
    {
      wing: 'settings',
      label: 'nav.apiTokens',
      to: '/settings/api-tokens',
      icon: IconKey,
      permission: 'token.read',
      order: 40,
      key: 't',
    },
  ],
};
