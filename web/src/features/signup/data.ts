import { queryOptions } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { components } from '@/api/schema';

type S = components['schemas'];
export type SignUpOffer = S['SignUpOffer'];
export type SignUpSettings = S['SignUpSettings'];
export type SignUpConfirmed = S['SignUpConfirmed'];

/** Whether people can sign up at this address. */
export const offerQuery = queryOptions({
  queryKey: ['sign-up-offer'],
  queryFn: ({ signal }) => api.get<SignUpOffer>('/sign-ups', { signal }),
  staleTime: 60_000,
});

/** Whether and how people sign up with the operator ("operator") or a reseller. */
export const settingsQuery = (of: string) =>
  queryOptions({
    queryKey: ['brands', of, 'sign-up'],
    queryFn: ({ signal }) => api.get<SignUpSettings>(`/brands/${of}/sign-up`, { signal }),
  });
