import { setNonce } from 'get-nonce';

// The server writes a fresh nonce into index.html at each request; every style
// element made at run time has to carry it. An unreplaced placeholder (dev
// server) counts as none.
export function styleNonce(): string {
  const value = document.querySelector('meta[name="csp-nonce"]')?.getAttribute('content') ?? '';
  return value.startsWith('__') ? '' : value;
}

// Mantine's scroll lock takes its nonce from get-nonce, not from the provider.
export function installNonce(): void {
  const nonce = styleNonce();
  if (nonce !== '') setNonce(nonce);
}
