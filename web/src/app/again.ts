import { useEffect, useSyncExternalStore } from 'react';
import { queryClient } from './query';

// The two ways in which a page that stays open loses the server: the session ends, or the connection does. What is on
// the page is kept, and everything is asked for anew when the server answers again.

let ended = false;
let round = 0;
const watchers = new Set<() => void>();
const again = new Set<() => void>();
const tell = () => watchers.forEach((fn) => fn());
const subscribe = (fn: () => void) => {
  watchers.add(fn);
  return () => {
    watchers.delete(fn);
  };
};

/** Called for an answer 401: the shell asks for the password on top of the page. */
export function sessionEnded(): void {
  if (ended) return;
  ended = true;
  tell();
}

/** The person is signed in again. */
export function backAgain(): void {
  ended = false;
  round++;
  tell();
  serverBack();
}

/** The server answers again after it did not. */
export function serverBack(): void {
  void queryClient.invalidateQueries({ predicate: (q) => q.queryKey[0] !== 'session' });
  for (const fn of again) fn();
}

export const useSessionEnded = () => useSyncExternalStore(subscribe, () => ended);

/** Grows when the server is back: what hangs on a connection is opened anew. */
export const useRound = () => useSyncExternalStore(subscribe, () => round);

/** Calls back when the server is back, for what does not go through the query cache. */
export function useAgain(fn: () => void): void {
  useEffect(() => {
    again.add(fn);
    return () => {
      again.delete(fn);
    };
  }, [fn]);
}
