import { queryOptions } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { components } from '@/api/schema';

type S = components['schemas'];

export type EmailState = 'queued' | 'sending' | 'sent' | 'failed' | 'suppressed' | 'cancelled';
export const emailStates: EmailState[] = ['queued', 'sending', 'sent', 'failed', 'suppressed', 'cancelled'];
export type Email = Omit<S['EmailBody'], 'state'> & { state: EmailState };
export type WholeEmail = Omit<S['WholeEmailBody'], 'state'> & { state: EmailState };
export type Template = S['EmailTemplateBody'];
export type OneTemplate = S['OneTemplateBody'];
export type Suppression = S['SuppressionBody'];
export interface Content {
  subject: string;
  text: string;
  html: string;
}

/** A mail that may still change by itself. */
export const isOpen = (e: { state: EmailState }) => e.state === 'queued' || e.state === 'sending';

export const emailQuery = (id: string) =>
  queryOptions({
    queryKey: ['emails', 'one', id],
    queryFn: ({ signal }) => api.get<WholeEmail>(`/emails/${id}`, { signal }),
    refetchInterval: (query) => (query.state.data && isOpen(query.state.data) ? 3000 : false),
  });

export const statusQuery = queryOptions({
  queryKey: ['emails', 'status'],
  queryFn: ({ signal }) => api.get<S['MailStatusBody']>('/email-status', { signal }),
  staleTime: 15_000,
});

export const templateQuery = (key: string, language: string) =>
  queryOptions({
    queryKey: ['email-templates', 'one', key, language],
    queryFn: ({ signal }) => api.get<OneTemplate>(`/email-templates/${key}/${language}`, { signal }),
  });

export const versionsQuery = (key: string, language: string) =>
  queryOptions({
    queryKey: ['email-templates', 'versions', key, language],
    queryFn: ({ signal }) =>
      api.get<{ items: Template[] }>(`/email-templates/${key}/${language}/versions`, { signal }),
  });
