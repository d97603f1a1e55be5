import { queryOptions } from '@tanstack/react-query';
import { api } from '@/api/client';
import type { List, Notice } from '@/api/types';
import { queryClient } from '@/app/query';

/** Queries begin with "notices": the event stream refreshes them when another one comes. */
export const unreadQuery = queryOptions({
  queryKey: ['notices', 'unread'],
  queryFn: async ({ signal }) => (await api.get<{ unread: number }>('/notices/unread', { signal })).unread,
});

export const latestQuery = queryOptions({
  queryKey: ['notices', 'latest'],
  queryFn: async ({ signal }) =>
    (await api.get<List<Notice>>('/notices', { query: { limit: 8, total: 'none' }, signal })).items,
});

/** Notes that the person has looked: at some, or at all there are. */
export async function markRead(ids?: string[]): Promise<void> {
  const { unread } = await api.post<{ unread: number }>('/notices/read', ids ? { ids } : {});
  queryClient.setQueryData(unreadQuery.queryKey, unread);
  void queryClient.invalidateQueries({ queryKey: ['notices'] });
}

const pages: Record<string, string> = {
  jobs: '/jobs',
  scheduled_changes: '/delayed-saves',
  webhooks: '/settings/webhooks',
  emails: '/emails',
};

/** Where the record of a notice is shown. */
export function addressOf(notice: Notice): string | undefined {
  const page = pages[notice.table];
  return page && notice.row_id ? `${page}/${notice.row_id}` : undefined;
}
