import { queryOptions } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { api } from '@/api/client';
import type { components } from '@/api/schema';

type S = components['schemas'];

export type WebhookState = 'active' | 'paused' | 'disabled';
export type DeliveryState = 'waiting' | 'sending' | 'delivered' | 'failed';
export type Webhook = Omit<S['WebhookBody'], 'state'> & { state: WebhookState };
export type NewWebhook = Webhook & { secret?: string };
export type Delivery = Omit<S['DeliveryBody'], 'state'> & { state: DeliveryState };
export type WholeDelivery = Omit<S['WholeDeliveryBody'], 'state'> & { state: DeliveryState };
export type Attempt = S['AttemptBody'];
export type EventType = S['EventTypeBody'];

export const isOpen = (d: { state: DeliveryState }) => d.state === 'waiting' || d.state === 'sending';

export const webhookQuery = (id: string) =>
  queryOptions({
    queryKey: ['webhooks', 'one', id],
    queryFn: ({ signal }) => api.get<Webhook>(`/webhooks/${id}`, { signal }),
    // Deliveries come and go without a change of the webhook itself.
    refetchInterval: 5000,
  });

export const deliveryQuery = (id: string) =>
  queryOptions({
    queryKey: ['deliveries', 'one', id],
    queryFn: ({ signal }) => api.get<WholeDelivery>(`/deliveries/${id}`, { signal }),
    refetchInterval: (query) => (query.state.data && isOpen(query.state.data) ? 2000 : false),
  });

export const typesQuery = queryOptions({
  queryKey: ['event-types'],
  queryFn: ({ signal }) => api.get<{ items: EventType[] }>('/events/types', { signal }),
  staleTime: Infinity,
});

/** "customer.created" in the reader's words; the name itself where there are none. */
export const eventName = (t: TFunction, name: string): string =>
  t(`webhooks.event.${name.replace('.', '_')}`, { defaultValue: name });

export const areaOf = (name: string) => name.split('.')[0]!;
export const areaName = (t: TFunction, area: string): string =>
  t(`webhooks.area.${area}`, { defaultValue: area });

/** Patterns as people read them: everything, all of an area, or single events. */
export const patternName = (t: TFunction, pattern: string): string => {
  if (pattern === '*') return t('webhooks.everything');
  if (pattern.endsWith('.*')) return t('webhooks.allOf', { area: areaName(t, areaOf(pattern)) });
  return eventName(t, pattern);
};

/** Which events the patterns stand for. */
export const chosen = (patterns: string[], types: EventType[]): Set<string> =>
  new Set(
    types
      .filter((e) => patterns.some((p) => p === '*' || p === e.name || p === `${areaOf(e.name)}.*`))
      .map((e) => e.name),
  );

/** The shortest way to say it: what an area gets later is meant as well, when all of it is chosen. */
export const patternsOf = (names: Set<string>, types: EventType[]): string[] => {
  if (types.length > 0 && types.every((e) => names.has(e.name))) return ['*'];
  const areas = [...new Set(types.map((e) => areaOf(e.name)))];
  return areas.flatMap((area) => {
    const all = types.filter((e) => areaOf(e.name) === area).map((e) => e.name);
    const some = all.filter((name) => names.has(name));
    return some.length === all.length ? [`${area}.*`] : some;
  });
};
