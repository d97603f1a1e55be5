import { IconUserPlus, IconUsers } from '@tabler/icons-react';
import type { CustomerPanel, Feature } from '@/app/wings';

type PanelName = 'ContactPanel' | 'IdentityPanel' | 'StatusPanel' | 'GroupsPanel' | 'CustomPanel';

const panel = (name: PanelName, slot: CustomerPanel['slot'], order: number): CustomerPanel => ({
  id: name,
  slot,
  order,
  load: async () => ({ default: (await import('./page/panels'))[name] }),
});

export const feature: Feature = {
  routes: [
    {
      path: '/customers',
      title: 'nav.customers',
      permission: 'customer.read',
      load: () => import('./list/CustomersPage'),
    },
    {
      path: '/customers/new',
      title: 'customer.newCustomer',
      permission: 'customer.create',
      load: () => import('./form/NewPage'),
    },
    {
      path: '/providers/new',
      title: 'customer.newProvider',
      permission: 'customer.create',
      load: () => import('./form/NewPage'),
    },
    {
      path: '/customers/$id/edit',
      title: 'action.edit',
      permission: 'customer.update',
      load: () => import('./form/EditPage'),
    },
    {
      path: '/customers/$id',
      title: 'kind.customer',
      permission: 'customer.read',
      load: () => import('./page/CustomerPage'),
    },
    {
      path: '/customers/$id/$tab',
      title: 'kind.customer',
      permission: 'customer.read',
      load: () => import('./page/CustomerPage'),
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
    {
      label: 'customer.createCustomer',
      to: '/customers/new',
      icon: IconUserPlus,
      permission: 'customer.create',
    },
    {
      label: 'customer.createProvider',
      to: '/providers/new',
      icon: IconUserPlus,
      permission: 'customer.create',
    },
  ],
  customerTabs: [
    { path: '', label: 'customer.tab.main', order: 0, load: () => import('./page/MainTab') },
    { path: 'details', label: 'customer.tab.details', order: 10, load: () => import('./page/DetailsTab') },
    {
      path: 'audit',
      label: 'customer.tab.audit',
      order: 1000,
      permission: 'audit.read',
      load: () => import('./page/AuditTab'),
    },
  ],
  customerPanels: [
    panel('ContactPanel', 'wide', 10),
    panel('IdentityPanel', 'wide', 20),
    panel('CustomPanel', 'wide', 90),
    panel('StatusPanel', 'side', 0),
    panel('GroupsPanel', 'side', 50),
  ],
};
