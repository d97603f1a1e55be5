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
    {
      path: '/change-password',
      title: 'account.firstTitle',
      bare: true,
      signedIn: 'first',
      load: () => import('./ChangePasswordPage'),
    },
    {
      path: '/set-second-factor',
      title: 'account.secondTitle',
      bare: true,
      signedIn: 'first',
      load: () => import('./SetSecondFactorPage'),
    },
    { path: '/account', title: 'account.title', load: () => import('./AccountPage') },
  ],
};
