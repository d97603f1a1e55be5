import type { Feature } from '@/app/wings';

export const feature: Feature = {
  routes: [
    { path: '/portal/sign-up', title: 'signUp.title', bare: true, load: () => import('./SignUpPage') },
    {
      path: '/portal/sign-up/confirm',
      title: 'signUp.confirmTitle',
      bare: true,
      load: () => import('./ConfirmPage'),
    },
  ],
};
