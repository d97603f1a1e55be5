// @vitest-environment happy-dom
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import i18next from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import { event, eventKey, paramsOf, sentence } from '../../src/sentences';
import en from '../../src/sentences/i18n/en.json';
import es from '../../src/sentences/i18n/es.json';
import fr from '../../src/sentences/i18n/fr.json';

// Every code that the server can send has a sentence in every language, and every message of the audit log a form.

const root = join(import.meta.dirname, '../../..');
const openapi = JSON.parse(readFileSync(join(root, 'docs/openapi.json'), 'utf8')) as {
  'x-problem-codes': Record<string, string>;
};
const go = readdirSync(join(root, 'internal'), { withFileTypes: true, recursive: true })
  .filter((e) => e.isFile() && e.name.endsWith('.go') && !e.name.endsWith('_test.go'))
  .map((e) => join(e.parentPath, e.name))
  // Within the tree: the folder of the checkout may be called anything.
  .filter((f) => !/[\\/](demo|check|tmf)[\\/]/.test(f.slice(root.length)))
  .map((f) => readFileSync(f, 'utf8'));

/** Codes as the Go code writes them: of fields, problems, rows of files and jobs. */
function codesInGo(): string[] {
  const code = '"([a-z]+(?:_[a-z]+)*)"';
  const places = [
    `errs\\.New\\([^,\\n]+, ${code}`,
    `\\.Add\\([^\\n]*?, ${code}, ["\`]`,
    `\\b(?:problem|refuse)\\((?:"\\w+", )?${code}, "`,
    `\\bCode:\\s*${code}`,
    `\\bCode[A-Z]\\w*\\s*=\\s*${code}`,
  ];
  const found = new Set<string>();
  for (const text of go)
    for (const place of places) for (const m of text.matchAll(new RegExp(place, 'g'))) found.add(m[1]!);
  return [...found].sort();
}

/** What the Go code writes into the audit log and calls its jobs; %d and what is appended are filled in. */
function messagesInGo(): string[] {
  const words = '"([A-Z][^"\\n]*)"';
  const places = [
    `audit\\.Entry\\{[^}]*?Message:\\s*(?:fmt\\.Sprintf\\()?${words}`,
    `job\\.Spec\\{[^}\\n]*?Label:\\s*(?:fmt\\.Sprintf\\()?${words}`,
    `\\bs\\.note\\(ctx, tx, ${words}`,
    `\\b(?:record|savePassword|insert|InsertMany|Apply|apply|Write|write|drop|RemoveUnused)\\(ctx[^\\n]*?${words}`,
  ];
  const found = new Set<string>();
  for (const text of go)
    for (const place of places) for (const m of text.matchAll(new RegExp(place, 'g'))) found.add(m[1]!);
  // The beginning of a message that is put together is no message.
  const whole = (m: string) => m !== 'Group ' && m !== 'Group removed: the import of ';
  return [...found]
    .filter(whole)
    .map((m) => m.replace(/%d/g, '5').replace(/%[sq]/g, 'x').replace(/ $/, ' x'))
    .sort();
}

const missing = (wanted: string[], catalogue: Record<string, string>) =>
  wanted.filter((c) => !(c in catalogue));

describe('sentences', () => {
  beforeAll(async () => {
    await i18next.init({
      lng: 'es',
      resources: { es: { translation: es }, en: { translation: en }, fr: { translation: fr } },
      interpolation: { escapeValue: false },
    });
  });

  it('finds the codes in the Go code', () => {
    const codes = codesInGo();
    expect(codes.length).toBeGreaterThan(120);
    for (const known of ['duplicate_email', 'bad_phone', 'zip_bomb', 'changed_since', 'ambiguous_reseller'])
      expect(codes).toContain(known);
  });

  it.each([
    ['en', en.said.code],
    ['es', es.said.code],
    ['fr', fr.said.code],
  ])('has every code of the API in %s', (_, catalogue) => {
    expect(missing(Object.keys(openapi['x-problem-codes']), catalogue)).toEqual([]);
    expect(missing(codesInGo(), catalogue)).toEqual([]);
  });

  it('knows the form of every message', () => {
    const messages = messagesInGo();
    expect(messages.length).toBeGreaterThan(25);
    expect(messages.filter((m) => !eventKey(m))).toEqual([]);
  });

  it('takes numbers and quoted words along', () => {
    expect(paramsOf('The choice "a \\"b\\"" has 1 to 1,000 of them.')).toEqual({
      q: 'a "b"',
      n: '1',
      m: '1,000',
    });
    expect(sentence('unknown_field', 'There is no field "ctiy".')).toBe('No existe el campo «ctiy».');
    expect(sentence('length', 'A name has 1 to 80 characters.')).toBe('Debe tener de 1 a 80.');
    expect(sentence('length', 'It does not fit.')).toBe(es.said.code.lengthPlain);
  });

  it('falls back to the words of the API', () => {
    expect(sentence('no_such_code_yet', 'Something new.')).toBe('Something new.');
    expect(event('Something new')).toBe('Something new');
  });

  it('says them in French as well', async () => {
    await i18next.changeLanguage('fr');
    expect(sentence('unknown_field', 'There is no field "ctiy".')).toBe(
      'Il n’y a pas de champ «\u00a0ctiy\u00a0».',
    );
    expect(event('Undo: Update of 30 customers')).toBe('Défaire\u00a0: Modification de 30 clients');
    await i18next.changeLanguage('es');
  });

  it('says messages within messages', () => {
    expect(event('Undo: Update of 30 customers')).toBe('Deshacer: Cambio de 30 clientes');
    expect(event('Import of a.csv undone')).toBe('Importación de a.csv deshecha');
  });
});
