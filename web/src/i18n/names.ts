/**
 * Countries, currencies, languages and time zones by their names in the reader's language. The codes are what is
 * stored, sent, filtered and copied; the names come from the browser and are only shown.
 */
export type CodeKind = 'country' | 'currency' | 'language' | 'timezone';

const kinds = new Set(['country', 'currency', 'language', 'timezone']);
export const isCodeKind = (name: string): name is CodeKind => kinds.has(name);

const types = { country: 'region', currency: 'currency', language: 'language' } as const;
const makers = new Map<string, Intl.DisplayNames>();
const known = new Map<string, string>();

/** "Central European Time": the zone without regard to the season. */
function zoneName(zone: string, locale: string): string {
  const parts = new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    timeZoneName: 'longGeneric',
  }).formatToParts(new Date());
  return parts.find((p) => p.type === 'timeZoneName')?.value ?? '';
}

function find(kind: CodeKind, code: string, locale: string): string {
  if (kind === 'timezone') return zoneName(code, locale);
  const key = `${kind}|${locale}`;
  let maker = makers.get(key);
  if (!maker)
    makers.set(key, (maker = new Intl.DisplayNames([locale], { type: types[kind], fallback: 'none' })));
  return maker.of(code) ?? '';
}

/** The name of a code; the code itself where nobody knows it. */
export function codeName(kind: CodeKind, code: string, locale: string): string {
  if (!code) return '';
  const key = `${kind}|${locale}|${code}`;
  let name = known.get(key);
  if (name === undefined) {
    try {
      name = find(kind, code, locale) || code;
    } catch {
      name = code;
    }
    // Some languages write the names of languages small, which reads badly alone.
    name = name.charAt(0).toLocaleUpperCase(locale) + name.slice(1);
    known.set(key, name);
  }
  return name;
}
