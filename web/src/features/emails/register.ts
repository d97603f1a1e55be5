import { IconDeviceMobileMessage, IconMail, IconMailOff, IconTemplate } from '@tabler/icons-react';
import type { Feature } from '@/app/wings';

export const feature: Feature = {
  routes: [
    { path: '/emails', title: 'emails.title', permission: 'email.read', load: () => import('./EmailsPage') },
    {
      path: '/emails/$emailId',
      title: 'emails.one',
      permission: 'email.read',
      load: () => import('./EmailPage'),
    },
    {
      path: '/settings/email-templates',
      title: 'emails.templates',
      permission: 'email_template.read',
      load: () => import('./TemplatesPage'),
    },
    {
      path: '/settings/email-templates/$key/$language',
      title: 'emails.templates',
      permission: 'email_template.read',
      load: () => import('./TemplatePage'),
    },
    {
      path: '/settings/texts',
      title: 'texts.title',
      permission: 'setting.read',
      load: () => import('./TextsPage'),
    },
    {
      path: '/settings/suppressions',
      title: 'emails.suppressions',
      permission: 'email_suppression.read',
      load: () => import('./SuppressionsPage'),
    },
  ],
  nav: [
    {
      wing: 'activity',
      label: 'emails.title',
      to: '/emails',
      icon: IconMail,
      permission: 'email.read',
      order: 30,
      key: 'e',
    },
    {
      wing: 'settings',
      label: 'emails.templates',
      to: '/settings/email-templates',
      icon: IconTemplate,
      permission: 'email_template.read',
      order: 60,
    },
    {
      wing: 'settings',
      label: 'texts.title',
      to: '/settings/texts',
      icon: IconDeviceMobileMessage,
      permission: 'setting.read',
      order: 65,
    },
    {
      wing: 'settings',
      label: 'emails.suppressions',
      to: '/settings/suppressions',
      icon: IconMailOff,
      permission: 'email_suppression.read',
      order: 70,
    },
  ],
  customerTabs: [
    {
      path: 'emails',
      label: 'emails.title',
      order: 40,
      permission: 'email.read',
      load: () => import('./EmailsTab'),
    },
  ],
};
