import { IconUsersGroup } from '@tabler/icons-react';
import type { Feature } from '@/app/wings';

export const feature: Feature = {
  routes: [
    {
      path: '/settings/staff/$id/why',
      title: 'why.title',
      permission: 'role.read',
      load: () => import('./WhyPage'),
    },
    {
      path: '/settings/roles',
      title: 'nav.roles',
      permission: 'role.read',
      load: () => import('./RolesPage'),
    },
    {
      path: '/settings/roles/new',
      title: 'rolePage.newTitle',
      permission: 'role.write',
      load: () => import('./NewRolePage'),
    },
    {
      path: '/settings/roles/$id',
      title: 'nav.roles',
      permission: 'role.read',
      load: () => import('./RolePage'),
    },
  ],
  nav: [
    {
      wing: 'settings',
      label: 'nav.roles',
      to: '/settings/roles',
      icon: IconUsersGroup,
      permission: 'role.read',
      order: 32,
    },
  ],
};
