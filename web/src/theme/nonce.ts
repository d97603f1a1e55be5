import { setNonce } from 'get-nonce';

// The server writes a fresh nonce into index.html at each request; every style
// element made at run time has to carry it. An unreplaced placeholder (dev
// server) counts as none; compared as a whole, since a nonce may begin as it does.
export function styleNonce(): string {
  const value = document.querySelector('meta[name="csp-nonce"]')?.getAttribute('content') ?? '';
  return value === '__CSP_NONCE__' ? '' : value;
}

// Mantine's scroll lock takes its nonce from get-nonce, not from the provider.
export function installNonce(): void {
  const nonce = styleNonce();
  if (nonce !== '') setNonce(nonce);
}
