export interface Catalogue {
  [key: string]: string | Catalogue;
}

/** Deep merge; a key given twice is a mistake that the catalogue test reports. */
export function mergeCatalogues(parts: Catalogue[]): Catalogue {
  const out: Catalogue = {};
  for (const part of parts) mergeInto(out, part);
  return out;
}

function mergeInto(target: Catalogue, part: Catalogue): void {
  for (const [key, value] of Object.entries(part)) {
    const there = target[key];
    if (typeof value === 'object' && typeof there === 'object') mergeInto(there, value);
    else if (typeof value === 'object') target[key] = mergeCatalogues([value]);
    else target[key] = value;
  }
}

const accents: Record<string, string> = {
  a: 'á',
  e: 'é',
  i: 'í',
  o: 'ó',
  u: 'ü',
  A: 'Á',
  E: 'É',
  I: 'Í',
  O: 'Ó',
  U: 'Ü',
  c: 'ç',
  n: 'ñ',
  y: 'ý',
  s: 'š',
  z: 'ž',
};

/** English made longer and accented, so that a text that is cut or not translated shows. */
export function pseudo(catalogue: Catalogue): Catalogue {
  const out: Catalogue = {};
  for (const [key, value] of Object.entries(catalogue)) {
    out[key] = typeof value === 'string' ? pseudoText(value) : pseudo(value);
  }
  return out;
}

function pseudoText(text: string): string {
  // {{placeholders}} and <tags> stay as they are.
  const parts = text.split(/(\{\{[^}]*\}\}|<[^>]*>)/);
  const body = parts
    .map((part, i) => (i % 2 === 1 ? part : part.replace(/[a-zA-Z]/g, (ch) => accents[ch] ?? ch)))
    .join('');
  return `[${body}${'~'.repeat(Math.ceil(text.length * 0.3))}]`;
}
