import { IconHistory } from '@tabler/icons-react';
import type { Feature } from '@/app/wings';

export const feature: Feature = {
  routes: [
    { path: '/audit', title: 'nav.audit', permission: 'audit.read', load: () => import('./AuditPage') },
    {
      path: '/history/$of/$id',
      title: 'audit.history',
      permission: 'audit.read',
      load: () => import('./HistoryPage'),
    },
  ],
  nav: [
    {
      wing: 'activity',
      label: 'nav.audit',
      to: '/audit',
      icon: IconHistory,
      permission: 'audit.read',
      order: 20,
      key: 'a',
    },
  ],
};
