import { IconProgress } from '@tabler/icons-react';
import type { Feature } from '@/app/wings';

export const feature: Feature = {
  routes: [
    { path: '/jobs', title: 'nav.jobs', permission: 'job.read', load: () => import('./JobsPage') },
    { path: '/jobs/$id', title: 'nav.jobs', permission: 'job.read', load: () => import('./JobPage') },
  ],
  nav: [
    {
      wing: 'activity',
      label: 'nav.jobs',
      to: '/jobs',
      icon: IconProgress,
      permission: 'job.read',
      order: 10,
      key: 'j',
    },
  ],
};
