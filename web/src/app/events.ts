import { useEffect } from 'react';
import { apiUrl } from '@/api/client';
import type { ChangeEvent, Job } from '@/api/types';
import { serverBack } from './again';
import { queryClient } from './query';

// One event stream per page. It keeps the query cache fresh, and tells whoever
// asked about changes.

type Listener = (change: ChangeEvent) => void;
const listeners = new Set<Listener>();

/** Calls back for each change on the server that this person may see. */
export function useChanges(listener: Listener): void {
  useEffect(() => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, [listener]);
}

function parse<T>(event: Event): T | undefined {
  try {
    return JSON.parse((event as MessageEvent<string>).data) as T;
  } catch {
    return undefined;
  }
}

function onJob(job: Job): void {
  queryClient.setQueryData<Job>(['jobs', 'one', job.id], (old) => ({ ...old, ...job }));
  queryClient.setQueryData<Job[]>(['jobs', 'recent'], (old) => {
    if (!old) return old;
    const there = old.some((j) => j.id === job.id);
    return there ? old.map((j) => (j.id === job.id ? { ...j, ...job } : j)) : [job, ...old].slice(0, 20);
  });
  if (job.state !== 'running' && job.state !== 'queued') {
    void queryClient.invalidateQueries({ queryKey: ['jobs'] });
  }
  for (const listener of listeners) listener({ table: 'jobs', row_id: job.id });
}

function onChange(change: ChangeEvent): void {
  void queryClient.invalidateQueries({ queryKey: [change.table], refetchType: 'active' });
  for (const listener of listeners) listener(change);
}

/** Opens the stream while the shell is shown. The browser reconnects by itself. */
export function useEventStream(enabled: boolean, round: number): void {
  useEffect(() => {
    if (!enabled) return;
    const source = new EventSource(apiUrl('/events'));
    source.addEventListener('job', (e) => {
      const job = parse<Job>(e);
      if (job) onJob(job);
    });
    source.addEventListener('change', (e) => {
      const change = parse<ChangeEvent>(e);
      if (change) onChange(change);
    });
    // What changed while the line was down was told to nobody.
    let lost = false;
    source.addEventListener('error', () => (lost = true));
    source.addEventListener('open', () => {
      if (lost) serverBack();
      lost = false;
    });
    return () => source.close();
  }, [enabled, round]);
}
