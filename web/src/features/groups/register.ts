import { IconUsersGroup, IconFolderPlus } from '@tabler/icons-react';
import type { Feature } from '@/app/wings';

export const feature: Feature = {
  routes: [
    { path: '/groups', title: 'nav.groups', permission: 'group.read', load: () => import('./GroupsPage') },
    { path: '/groups/$id', title: 'nav.groups', permission: 'group.read', load: () => import('./GroupPage') },
  ],
  nav: [
    {
      wing: 'customers',
      label: 'nav.groups',
      to: '/groups',
      icon: IconUsersGroup,
      permission: 'group.read',
      order: 20,
      key: 'p',
    },
  ],
  actions: [{ label: 'group.create', to: '/groups?new=1', icon: IconFolderPlus, permission: 'group.write' }],
};
