import { IconFileImport } from '@tabler/icons-react';
import type { Feature } from '@/app/wings';

export const feature: Feature = {
  routes: [
    {
      path: '/imports',
      title: 'nav.imports',
      permission: 'customer.import',
      load: () => import('./ImportsPage'),
    },
    {
      path: '/imports/new',
      title: 'imports.new',
      permission: 'customer.import',
      load: () => import('./NewImportPage'),
    },
    {
      path: '/imports/$importId',
      title: 'imports.one',
      permission: 'customer.import',
      load: () => import('./ImportPage'),
    },
  ],
  nav: [
    {
      wing: 'customers',
      label: 'nav.imports',
      to: '/imports',
      icon: IconFileImport,
      permission: 'customer.import',
      order: 30,
      key: 'i',
    },
  ],
  actions: [
    { label: 'imports.new', to: '/imports/new', icon: IconFileImport, permission: 'customer.import' },
  ],
};
