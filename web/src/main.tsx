import './theme/fonts.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './theme/global.css';

import { MantineProvider, localStorageColorSchemeManager, mergeThemeOverrides } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import type { TFunction } from 'i18next';
import { StrictMode, useMemo } from 'react';
import { createRoot } from 'react-dom/client';
import { useTranslation } from 'react-i18next';
import { queryClient } from './app/query';
import { router } from './app/router';
import { startI18n } from './i18n';
import { installNonce, styleNonce } from './theme/nonce';
import { brandTheme, brandVariables, ownColor } from './theme/brand';
import { useShownBrand } from './theme/look';
import { cssVariables, theme } from './theme/theme';

const schemes = localStorageColorSchemeManager({ key: 'tandem-color-scheme' });

installNonce();

/** Parts that Mantine draws by itself get their names in the chosen language here, once. */
function namedTheme(t: TFunction) {
  const close = { closeButtonProps: { 'aria-label': t('action.close') } };
  return mergeThemeOverrides(theme, {
    components: {
      Modal: { defaultProps: close },
      Drawer: { defaultProps: close },
      Notification: { defaultProps: close },
    },
  });
}

function App() {
  const { t } = useTranslation();
  const shown = useShownBrand();
  const brand = shown?.color === ownColor ? null : shown; // the program's own colour is the theme's
  const named = useMemo(
    () => (brand ? mergeThemeOverrides(namedTheme(t), brandTheme(brand.colors)) : namedTheme(t)),
    [t, brand],
  );
  const variables = useMemo(() => (brand ? brandVariables(brand.colors) : cssVariables), [brand]);
  return (
    <MantineProvider
      theme={named}
      cssVariablesResolver={variables}
      colorSchemeManager={schemes}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <QueryClientProvider client={queryClient}>
        <Notifications position="bottom-right" limit={3} autoClose={5000} />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}

void startI18n().then(() => {
  createRoot(document.getElementById('root')!).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
});
