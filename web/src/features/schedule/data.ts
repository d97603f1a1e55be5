import { queryOptions } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { List, ScheduledChange } from '@/api/types';
import { queryClient } from '@/app/query';

/** Queries begin with the table's name: the event stream refreshes them. */
const table = 'scheduled_changes';

export const scheduledQuery = (id: string) =>
  queryOptions({
    queryKey: [table, 'one', id],
    queryFn: ({ signal }) => api.get<ScheduledChange>(`/scheduled-changes/${id}`, { signal }),
    refetchInterval: (query) => (query.state.data?.state === 'pending' ? 5000 : false),
  });

const find = (key: string[], filter: unknown, limit: number) =>
  queryOptions({
    queryKey: [table, ...key],
    queryFn: ({ signal }) =>
      api.get<List<ScheduledChange>>('/scheduled-changes', {
        query: { filter: JSON.stringify(filter), sort: 'apply_at', limit },
        signal,
      }),
  });

/** What is still to come for a record, and what conflicts. */
export const ofRecordQuery = (id: string) =>
  find(
    ['record', id],
    {
      and: [
        { field: 'row_id', op: 'eq', value: id },
        { field: 'state', op: 'in', value: ['pending', 'conflicted'] },
      ],
    },
    20,
  );

/** The same of a record that has no ID before somebody changes it. */
export const ofNamedQuery = (resource: string, name: string) =>
  find(
    ['named', resource, name],
    {
      and: [
        { field: 'resource', op: 'eq', value: resource },
        { field: 'row_name', op: 'eq', value: name },
        { field: 'state', op: 'in', value: ['pending', 'conflicted'] },
      ],
    },
    20,
  );

/** Everything that a delayed save may have changed. */
export function refresh(resource: string): void {
  for (const key of [table, resource, resource.replace('_', '-')])
    void queryClient.invalidateQueries({ queryKey: [key] });
}

/** Where a record of a resource is looked at; null: it has no page. */
export function recordPath(change: ScheduledChange): string | null {
  const id = change.row_id || change.result_id;
  if (!id) return null;
  switch (change.resource) {
    case 'customers':
    case 'groups':
    case 'contacts':
      return `/${change.resource}/${id}`;
    case 'roles':
    case 'webhooks':
      return `/settings/${change.resource}/${id}`;
    case 'email_templates':
      return `/settings/email-templates/${change.options.key}/${change.options.language}`;
    case 'settings':
      return '/settings/general';
    case 'staff':
    case 'suppressions':
      return `/settings/${change.resource}`;
    case 'custom_fields':
      return '/settings/custom-fields';
  }
  return null;
}

/** Whether the fields of a resource are described by the server. */
export const isDescribed = (resource: string): boolean =>
  ['customers', 'groups', 'contacts', 'staff', 'webhooks', 'suppressions'].includes(resource);

export interface Moment {
  /** '' is now, '+1h' and the like count from now, else an instant. */
  choice: 'now' | 'hour' | 'tomorrow' | 'at';
  /** As a datetime-local field has it, in the browser's zone. */
  at: string;
}

/** Tomorrow at eight in the browser's zone. */
export function tomorrowAtEight(now: Date): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 8);
}

/** An instant as a datetime-local field takes it. */
export function localInput(date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The header of a moment; undefined is now, null is not chosen yet. `hours` is what "in an hour" counts from now. */
export function headerOf(moment: Moment, now: Date, hours = 1): string | undefined | null {
  switch (moment.choice) {
    case 'now':
      return undefined;
    case 'hour':
      return `+${hours}h`;
    case 'tomorrow':
      return tomorrowAtEight(now).toISOString();
    default: {
      const date = new Date(moment.at);
      return moment.at && !Number.isNaN(date.getTime()) ? date.toISOString() : null;
    }
  }
}
