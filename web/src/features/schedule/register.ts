import { IconClock } from '@tabler/icons-react';
import type { Feature } from '@/app/wings';

export const feature: Feature = {
  routes: [
    {
      path: '/delayed-saves',
      title: 'schedule.title',
      permission: 'schedule.read',
      load: () => import('./DelayedListPage'),
    },
    {
      path: '/delayed-saves/$id',
      title: 'schedule.title',
      permission: 'schedule.read',
      load: () => import('./DelayedPage'),
    },
  ],
  nav: [
    {
      wing: 'activity',
      label: 'schedule.title',
      to: '/delayed-saves',
      icon: IconClock,
      permission: 'schedule.read',
      order: 15,
      key: 'd',
    },
  ],
};
