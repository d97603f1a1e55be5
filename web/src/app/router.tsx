import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  parseSearchWith,
  redirect,
  stringifySearchWith,
  type AnyRoute,
} from '@tanstack/react-router';
import { api, setMustHandler, setUnauthorizedHandler } from '@/api/client';
import { mustPage } from '@/api/must';
import type { Session } from '@/api/types';
import { sessionEnded } from './again';
import { queryClient } from './query';
import { RouteError } from './RouteError';
import { sessionQuery } from './session';
import { ConsoleLayout } from './shell/ConsoleLayout';
import { NotAllowed, NotFound } from './pages';
import { hostBrand } from '@/theme/look';
import { routes, type RouteSpec } from './wings';
import { portalSessionQuery, whereInstead } from '@/features/portal/session';

const rootRoute = createRootRoute({
  component: Outlet,
  notFoundComponent: NotFound,
  errorComponent: RouteError,
});

async function whereToSignIn(): Promise<string> {
  if (hostBrand()?.portal) return '/portal/sign-in';
  const state = await api.get<{ needed: boolean }>('/setup').catch(() => ({ needed: false }));
  return state.needed ? '/setup' : '/sign-in';
}

/** The page of those who do not belong into the console, or not yet; undefined for those who do. */
function ownPage(session: Session): string | undefined {
  return mustPage(session.must) ?? (session.kind === 'contact' ? '/portal' : undefined);
}

/** Sends away from a page outside the shell whoever has no business there. */
async function onlyFor(spec: RouteSpec): Promise<void> {
  if (!spec.signedIn) return;
  const session = await queryClient.ensureQueryData(sessionQuery);
  const own = session ? (ownPage(session) ?? '/customers') : '/sign-in';
  if (own !== spec.path) throw redirect({ to: own, replace: true });
}

/** Everything inside the shell needs a session. */
const consoleRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'console',
  component: ConsoleLayout,
  notFoundComponent: NotFound,
  errorComponent: RouteError,
  beforeLoad: async ({ location }) => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    const own = session && ownPage(session);
    if (own) throw redirect({ to: own, replace: true });
    if (session) return;
    const to = await whereToSignIn();
    const next = location.href === '/' || location.href.startsWith('/customers?') ? undefined : location.href;
    throw redirect({ to, search: next && to === '/sign-in' ? { next } : {} });
  },
});

const homeRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/customers', replace: true });
  },
});

/** Everything inside the portal's frame needs a contact. */
const portalRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'in-portal',
  component: lazyRouteComponent(() => import('@/features/portal/PortalLayout')),
  errorComponent: RouteError,
  beforeLoad: async ({ location }) => {
    const to = await whereInstead();
    const next = location.pathname === '/portal' ? undefined : location.pathname;
    if (to) throw redirect({ to, replace: true, search: next && to === '/portal/sign-in' ? { next } : {} });
  },
});

const frameOf = (spec: RouteSpec): AnyRoute => {
  if (spec.portal) return portalRoute;
  return spec.bare ? rootRoute : consoleRoute;
};

// An unknown address keeps the navigation around its answer.
const unknownRoute = createRoute({ getParentRoute: () => consoleRoute, path: '$', component: NotFound });

function toRoute(spec: RouteSpec): AnyRoute {
  const Page = lazyRouteComponent(spec.load);
  return createRoute({
    getParentRoute: () => frameOf(spec),
    path: spec.path,
    component: spec.permission ? guarded(spec, spec.permission, Page) : Page,
    errorComponent: RouteError,
    beforeLoad: () => onlyFor(spec),
    staticData: { title: spec.title },
  } as Parameters<typeof createRoute>[0]) as AnyRoute;
}

function guarded(spec: RouteSpec, permission: string, Page: React.ComponentType): React.ComponentType {
  return function Guarded() {
    const session = spec.portal
      ? queryClient.getQueryData(portalSessionQuery.queryKey)
      : queryClient.getQueryData(sessionQuery.queryKey);
    if (spec.whole && session && 'root' in session && session.root) return <NotAllowed />;
    return session?.permissions?.includes(permission) ? <Page /> : <NotAllowed />;
  };
}

const bare = routes.filter((r) => r.bare).map(toRoute);
const portal = routes.filter((r) => r.portal).map(toRoute);
const inside = routes.filter((r) => !r.bare && !r.portal).map(toRoute);

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    ...bare,
    portalRoute.addChildren(portal),
    consoleRoute.addChildren([homeRoute, ...inside, unknownRoute]),
  ]),
  // Search values are plain strings, so that addresses read like the API's own.
  parseSearch: parseSearchWith((text) => text),
  stringifySearch: stringifySearchWith((value) =>
    typeof value === 'string' ? value : JSON.stringify(value),
  ),
  defaultPreload: 'intent',
  defaultPreloadDelay: 60,
  scrollRestoration: true,
  defaultNotFoundComponent: NotFound,
}) as ReturnType<typeof createRouter>;

// A role may come to require a second factor while somebody is at work.
setMustHandler(() => {
  void queryClient.fetchQuery({ ...sessionQuery, staleTime: 0 }).then((session) => {
    const to = mustPage(session?.must);
    const at = router.state.location.pathname;
    if (to && at !== to) void router.navigate({ to, replace: true });
  });
});

setUnauthorizedHandler(() => {
  if (queryClient.getQueryData(sessionQuery.queryKey)) sessionEnded();
});
