import { IconAddressBook } from '@tabler/icons-react';
import type { Feature } from '@/app/wings';

export const feature: Feature = {
  routes: [
    {
      path: '/contacts',
      title: 'contact.title',
      permission: 'contact.read',
      load: () => import('./ContactsPage'),
    },
    {
      path: '/contacts/$id',
      title: 'contact.one',
      permission: 'contact.read',
      load: () => import('./ContactPage'),
    },
    {
      path: '/contacts/$id/edit',
      title: 'action.edit',
      permission: 'contact.write',
      load: () => import('./EditPage'),
    },
    {
      path: '/customers/$id/contacts/new',
      title: 'contact.newTitle',
      permission: 'contact.write',
      load: () => import('./NewPage'),
    },
  ],
  nav: [
    {
      wing: 'customers',
      label: 'contact.title',
      to: '/contacts',
      icon: IconAddressBook,
      permission: 'contact.read',
      order: 15,
      key: 'o',
    },
  ],
  customerTabs: [
    {
      path: 'contacts',
      label: 'contact.title',
      order: 20,
      permission: 'contact.read',
      load: () => import('./ContactsTab'),
    },
  ],
};
