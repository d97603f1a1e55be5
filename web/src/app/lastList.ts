import { useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';

// "Back to the list" means the list as it was: with its filter, sort and place.
const last = new Map<string, string>();
const lists = ['/customers', '/contacts', '/groups', '/audit', '/jobs', '/imports'];

export function useRememberLists(): void {
  const location = useRouterState({ select: (s) => s.location });
  useEffect(() => {
    if (lists.includes(location.pathname)) last.set(location.pathname, location.href);
  }, [location]);
}

/** The address a list was last seen at in this page; the plain list otherwise. */
export function lastList(path: string): string {
  return last.get(path) ?? path;
}
