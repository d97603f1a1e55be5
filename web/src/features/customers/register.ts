import { IconUserPlus, IconUsers } from '@tabler/icons-react';
import type { Feature } from '@/app/wings';

export const feature: Feature = {
  routes: [
    {
      path: '/customers',
      title: 'nav.customers',
      permission: 'customer.read',
      load: () => import('./list/CustomersPage'),
    },
  ],
  nav: [
    {
      wing: 'customers',
      label: 'nav.customers',
      to: '/customers',
      icon: IconUsers,
      permission: 'customer.read',
      order: 10,
      key: 'c',
      also: ['/providers'],
    },
  ],
  actions: [
    { label: 'customer.createCustomer', to: '/customers/new', icon: IconUserPlus, permission: 'customer.create' },
    { label: 'customer.createProvider', to: '/providers/new', icon: IconUserPlus, permission: 'customer.create' },
  ],
};
