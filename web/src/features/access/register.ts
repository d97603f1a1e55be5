import type { Feature } from '@/app/wings';

export const feature: Feature = {
  routes: [
    { path: '/sign-in', title: 'signIn.title', bare: true, load: () => import('./SignInPage') },
    { path: '/forgot-password', title: 'forgot.title', bare: true, load: () => import('./ForgotPage') },
    { path: '/setup', title: 'setup.title', bare: true, load: () => import('./SetupPage') },
    {
      path: '/set-password',
      title: 'setPassword.title',
      bare: true,
      load: () => import('./SetPasswordPage'),
    },
  ],
};
