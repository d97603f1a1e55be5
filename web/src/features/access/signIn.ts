import { api } from '@/api/client';
import { mustPage } from '@/api/must';
import type { components } from '@/api/schema';
import type { Session } from '@/api/types';
import { queryClient } from '@/app/query';
import { sessionQuery } from '@/app/session';

type S = components['schemas'];
export type Door = S['DoorBody'];

export interface Credentials {
  email: string;
  password: string;
  membership?: string;
  /** Of the authenticator app, or a recovery code. */
  otp?: string;
}

/** Either somebody is signed in now, or one of several doors has to be chosen. */
export type SignedIn = { doors: Door[] } | { doors?: undefined };

export async function signIn(credentials: Credentials): Promise<SignedIn> {
  const answer = await api.post<S['SignInBody']>('/session', credentials);
  if (answer.memberships?.length) return { doors: answer.memberships };
  await arrive();
  return {};
}

let later = '';

/** Fills the address in where somebody signs in next. */
export function signInLater(email: string): void {
  later = email;
}

/** The address that was left for this. */
export const addressKept = () => later;

/** Somebody is signed in now: what was known before is nobody's. */
export async function arrive(): Promise<void> {
  later = '';
  queryClient.clear();
  await queryClient.ensureQueryData(sessionQuery);
}

/** Only paths of this console: an address from outside is never followed. */
function safeNext(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : '/customers';
}

/** Where somebody who has just signed in belongs. */
export function landing(session: Session | null | undefined, next?: unknown): string {
  const inside = typeof next === 'string' && /^\/portal\/[\w-]+$/.test(next) ? next : '/portal';
  return mustPage(session?.must) ?? (session?.kind === 'contact' ? inside : safeNext(next));
}

/** Where whoever is signed in now belongs. */
export const landingNow = (next?: unknown) => landing(queryClient.getQueryData(sessionQuery.queryKey), next);

export async function signOut(): Promise<void> {
  await api.delete('/session').catch(() => undefined);
  queryClient.clear();
}
