import { queryOptions } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { components } from '@/api/schema';
import type { Contact } from '@/api/types';
import { queryClient } from '@/app/query';
import type { Values } from '@/form/useRecordForm';

export const contactQuery = (id: string) =>
  queryOptions({
    queryKey: ['contacts', 'one', id],
    queryFn: ({ signal }) => api.get<Contact>(`/contacts/${encodeURIComponent(id)}`, { signal }),
  });

/** How a contact signs in to the portal. */
export const signInQuery = (id: string) =>
  queryOptions({
    queryKey: ['contacts', 'sign-in', id],
    queryFn: ({ signal }) => api.get<SignIn>(`/contacts/${encodeURIComponent(id)}/sign-in`, { signal }),
  });

type SignIn = components['schemas']['ContactSignIn'];

export function signInState(now: SignIn): 'none' | 'waiting' | 'given' | 'ready' {
  if (!now.allowed) return 'none';
  if (!now.has_password) return 'waiting';
  return now.must_change ? 'given' : 'ready';
}

/** The types that contacts have, to choose from while typing. */
export const typesQuery = queryOptions({
  queryKey: ['contacts', 'types'],
  queryFn: async ({ signal }) => (await api.get<{ items: string[] }>('/contacts/types', { signal })).items,
  staleTime: 60_000,
});

export const roles = ['owner', 'billing', 'technical', 'viewer'] as const;

const texts = ['name', 'email', 'type', 'role', 'phone', 'mobile', 'language', 'public_notes'] as const;
const flags = ['email_verified', 'mobile_verified'] as const;

/** The record as flat form values; networks stand one on a line. Private notes are there for those who may see them. */
export function toValues(contact: Contact): Values {
  const values: Values = {};
  for (const name of [...texts, ...flags]) values[name] = contact[name] ?? '';
  if (contact.private_notes !== undefined) values.private_notes = contact.private_notes;
  values.allowed_ips = (contact.allowed_ips ?? []).join('\n');
  return values;
}

/** What a blank form starts with. */
export function blankValues(privateNotes: boolean): Values {
  return {
    name: '',
    email: '',
    type: '',
    role: 'viewer',
    phone: '',
    mobile: '',
    language: '',
    public_notes: '',
    ...(privateNotes ? { private_notes: '' } : {}),
    email_verified: false,
    mobile_verified: false,
    allowed_ips: '',
  };
}

/** Networks as people write them: parted by lines, commas or blanks. */
export const networksOf = (text: string): string[] => text.split(/[\s,;]+/).filter((part) => part !== '');

/** The named fields as a request body. */
export function toBody(values: Values, names: string[], insist: string[]): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const name of names) {
    const value = values[name];
    if (name === 'allowed_ips') body[name] = networksOf(String(value));
    else body[name] = typeof value === 'string' ? value.trim() : value;
  }
  // Only what is sent can be insisted on.
  const meant = insist.filter((name) => names.includes(name));
  if (meant.length > 0) body.insist = meant;
  return body;
}

/** Fields of a new contact that were filled in. */
export function filled(values: Values): string[] {
  return Object.keys(values).filter((name) => values[name] !== '' && values[name] !== false);
}

/** Lists of contacts are asked for again; `saved` is in memory at once. */
export function remember(saved: Contact): void {
  queryClient.setQueryData(['contacts', 'one', saved.id], saved);
  forget();
}

export function forget(): void {
  void queryClient.invalidateQueries({ queryKey: ['contacts'] });
  void queryClient.invalidateQueries({ queryKey: ['audit-entries'] });
}
