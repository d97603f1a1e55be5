import { api } from '@/api/client';
import type { components } from '@/api/schema';
import { arrive, type Door } from './signIn';

type S = components['schemas'];
export type Passkey = S['PasskeyBody'];

/** Whether this browser speaks passkeys, and this page is reached by a name. */
export const hasPasskeys = (): boolean =>
  typeof window.PublicKeyCredential?.parseCreationOptionsFromJSON === 'function' &&
  !/^(\d+\.){3}\d+$|:/.test(window.location.hostname);

/** What the browser says when the person closed its dialog. */
export const isCancelled = (error: unknown): boolean =>
  error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError');

export async function addPasskey(password: string, name: string): Promise<void> {
  const asked = await api.post<S['AskedBody']>('/session/passkeys/begin', { password });
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked.options as never);
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  await api.post('/session/passkeys', { ticket: asked.ticket, name, credential: made.toJSON() });
}

export interface PasskeyAnswer {
  doors?: Door[];
  ticket?: string;
}

export async function passkeySignIn(): Promise<PasskeyAnswer> {
  const asked = await api.post<S['AskedBody']>('/session/passkey/begin');
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked.options as never);
  const used = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  return enter({ ticket: asked.ticket, credential: used.toJSON() });
}

/** Whoever has several doors has answered with a key already: a ticket stands for it. */
export const chooseDoor = (ticket: string, membership: string) => enter({ ticket, membership });

async function enter(body: Record<string, unknown>): Promise<PasskeyAnswer> {
  const answer = await api.post<S['SignInBody']>('/session/passkey', body);
  if (answer.memberships?.length) return { doors: answer.memberships, ticket: answer.ticket };
  await arrive();
  return {};
}
