import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { isSignedOut } from './api/errors.ts';
import { queries, queryClient } from './api/queries.ts';
import {
  createSearch,
  deskSearch,
  librarySearch,
  operatorSearch,
  paymentSearch,
  resetSearch,
  verifySearch,
  welcomeSearch,
} from './search.ts';
import { screens } from './screens.ts';
import { NotFound } from './screens/not-found.tsx';
import { Pending } from './shell/pending.tsx';
import { PublicShell } from './shell/public-shell.tsx';
import { RootShell } from './shell/root-shell.tsx';
import { RouteError } from './shell/route-error.tsx';
import { SignedInShell } from './shell/signed-in-shell.tsx';

const root = createRootRoute({
  component: RootShell,
  notFoundComponent: NotFound,
  errorComponent: RouteError,
});

async function signedIn(): Promise<boolean> {
  try {
    await queryClient.ensureQueryData(queries.me);
    return true;
  } catch (error) {
    if (isSignedOut(error)) return false;
    throw error;
  }
}

const publicArea = createRoute({ getParentRoute: () => root, id: 'public', component: PublicShell });

const landing = createRoute({
  getParentRoute: () => publicArea,
  path: '/',
  component: lazyRouteComponent(screens.landing, 'Landing'),
});
const pricing = createRoute({
  getParentRoute: () => publicArea,
  path: '/pricing',
  component: lazyRouteComponent(screens.pricing, 'Pricing'),
});
const status = createRoute({
  getParentRoute: () => publicArea,
  path: '/status',
  component: lazyRouteComponent(screens.status, 'Status'),
});

const signIn = createRoute({
  getParentRoute: () => root,
  validateSearch: welcomeSearch,
  path: '/sign-in',
  component: lazyRouteComponent(screens.signIn, 'SignIn'),
});
const signUp = createRoute({
  getParentRoute: () => root,
  validateSearch: welcomeSearch,
  path: '/sign-up',
  component: lazyRouteComponent(screens.signUp, 'SignUp'),
});
const forgotPassword = createRoute({
  getParentRoute: () => root,
  path: '/forgot-password',
  component: lazyRouteComponent(screens.forgotPassword, 'ForgotPassword'),
});
const resetPassword = createRoute({
  getParentRoute: () => root,
  path: '/reset-password',
  validateSearch: resetSearch,
  component: lazyRouteComponent(screens.resetPassword, 'ResetPassword'),
});
const verifyEmail = createRoute({
  getParentRoute: () => root,
  path: '/verify-email',
  validateSearch: verifySearch,
  component: lazyRouteComponent(screens.verifyEmail, 'VerifyEmail'),
});

const privateArea = createRoute({
  getParentRoute: () => root,
  id: 'private',
  beforeLoad: async ({ location }) => {
    if (!(await signedIn())) throw redirect({ to: '/sign-in', search: { next: location.href } });
  },
  component: SignedInShell,
});

const create = createRoute({
  getParentRoute: () => privateArea,
  path: '/create',
  validateSearch: createSearch,
  component: lazyRouteComponent(screens.create, 'Create'),
});
const generation = createRoute({
  getParentRoute: () => privateArea,
  path: '/generations/$id',
  component: lazyRouteComponent(screens.generation, 'GenerationScreen'),
});
const library = createRoute({
  getParentRoute: () => privateArea,
  path: '/library',
  validateSearch: librarySearch,
  component: lazyRouteComponent(screens.library, 'Library'),
});
const wallet = createRoute({
  getParentRoute: () => privateArea,
  path: '/wallet',
  component: lazyRouteComponent(screens.wallet, 'Wallet'),
});
const payment = createRoute({
  getParentRoute: () => privateArea,
  path: '/payment',
  validateSearch: paymentSearch,
  component: lazyRouteComponent(screens.payment, 'Payment'),
});
const account = createRoute({
  getParentRoute: () => privateArea,
  path: '/account',
  component: lazyRouteComponent(screens.account, 'Account'),
});
const webhook = createRoute({
  getParentRoute: () => privateArea,
  path: '/webhooks/$id',
  component: lazyRouteComponent(screens.webhook, 'WebhookScreen'),
});
const operator = createRoute({
  getParentRoute: () => privateArea,
  path: '/operator',
  validateSearch: operatorSearch,
  component: lazyRouteComponent(screens.operator, 'Operator'),
});

const operatorPayments = createRoute({
  getParentRoute: () => privateArea,
  path: '/operator/payments',
  validateSearch: deskSearch,
  component: lazyRouteComponent(screens.operatorPayments, 'OperatorPayments'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    publicArea.addChildren([landing, pricing, status]),
    signIn,
    signUp,
    forgotPassword,
    resetPassword,
    verifyEmail,
    privateArea.addChildren([
      create,
      generation,
      library,
      wallet,
      payment,
      account,
      webhook,
      operator,
      operatorPayments,
    ]),
  ]),
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  defaultPendingComponent: Pending,
  defaultErrorComponent: RouteError,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
