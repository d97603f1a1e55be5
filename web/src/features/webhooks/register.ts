import { IconWebhook } from '@tabler/icons-react';
import type { Feature } from '@/app/wings';

export const feature: Feature = {
  routes: [
    {
      path: '/settings/webhooks',
      title: 'webhooks.title',
      permission: 'webhook.read',
      load: () => import('./WebhooksPage'),
    },
    {
      path: '/settings/webhooks/$webhookId',
      title: 'webhooks.one',
      permission: 'webhook.read',
      load: () => import('./WebhookPage'),
    },
    {
      path: '/settings/webhooks/$webhookId/deliveries/$deliveryId',
      title: 'webhooks.delivery',
      permission: 'webhook.read',
      load: () => import('./DeliveryPage'),
    },
  ],
  nav: [
    {
      wing: 'settings',
      label: 'webhooks.title',
      to: '/settings/webhooks',
      icon: IconWebhook,
      permission: 'webhook.read',
      order: 55,
    },
  ],
};
