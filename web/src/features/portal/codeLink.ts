/** Which address a code is for. */
export type Proof = 'email' | 'mobile';

let kept: { address: Proof; code: string } | undefined;

/**
 * Takes the code out of the address of this page, where the link in a mail put it, and keeps it in memory alone: through
 * signing in, but in no history and no log.
 */
export function keepCode(): void {
  const found = /^#verify=(email|mobile)&code=(\d{6})$/.exec(window.location.hash);
  if (!found) return;
  kept = { address: found[1] as Proof, code: found[2]! };
  window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search);
}

/** The code that came with a link, for this address. */
export const keptCode = (address: Proof) => (kept?.address === address ? kept.code : '');

export function forgetCode(): void {
  kept = undefined;
}
