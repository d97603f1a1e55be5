// Where somebody wanted to who is on their way to a provider: kept in this tab, never in an address that comes from outside.

const key = 'tandem-after-provider';

export function keepNext(next: string | undefined): void {
  if (next) sessionStorage.setItem(key, next);
  else sessionStorage.removeItem(key);
}

export function takeNext(): string | undefined {
  const next = sessionStorage.getItem(key) ?? undefined;
  sessionStorage.removeItem(key);
  return next;
}
