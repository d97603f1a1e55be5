import { IconBell } from '@tabler/icons-react';
import type { Feature } from '@/app/wings';

export const feature: Feature = {
  routes: [{ path: '/notices', title: 'notices.title', load: () => import('./NoticesPage') }],
  nav: [{ wing: 'activity', label: 'notices.title', to: '/notices', icon: IconBell, order: 5, key: 'n' }],
};
