// The addresses of the console, read from where the router reads them: features/**/register.ts.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './server.mjs';

const features = join(root, 'web/src/features');

/** Every path of a route; the tabs of a customer in place of "$tab". */
export function routes() {
  const text = readdirSync(features, { recursive: true })
    .filter((f) => f.endsWith('register.ts'))
    .map((f) => readFileSync(join(features, f), 'utf8'))
    .join('\n');
  const paths = [...text.matchAll(/\bpath: '([^']*)'/g)].map((m) => m[1]);
  const tabs = paths.filter((p) => !p.startsWith('/') && p !== '');
  const pages = paths.filter((p) => p.startsWith('/'));
  if (pages.length === 0 || tabs.length === 0)
    throw new Error('no routes were found: has register.ts changed its form?');
  return [
    ...new Set(pages.flatMap((p) => (p.includes('$tab') ? tabs.map((t) => p.replace('$tab', t)) : [p]))),
  ].sort();
}
