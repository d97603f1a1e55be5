import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { mergeCatalogues, pseudo, type Catalogue } from '../../src/i18n/merge';

// The catalogue is complete, and nothing goes past it.

const root = join(import.meta.dirname, '../../src');

function files(dir: string, wanted: (name: string) => boolean): string[] {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((e) => e.isFile() && wanted(e.name))
    .map((e) => join(e.parentPath, e.name))
    .sort();
}

function flatten(catalogue: Catalogue, prefix = ''): Map<string, string> {
  const out = new Map<string, string>();
  for (const [key, value] of Object.entries(catalogue)) {
    if (typeof value === 'string') out.set(prefix + key, value);
    else for (const [k, v] of flatten(value, `${prefix}${key}.`)) out.set(k, v);
  }
  return out;
}

const catalogueFiles = (language: string) =>
  files(root, (n) => n === `${language}.json`).filter((f) => f.includes('i18n'));
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Catalogue;
const load = (language: string) => mergeCatalogues(catalogueFiles(language).map(read));
const en = flatten(load('en'));
const others = ['es', 'fr'].map((language) => ({ language, catalogue: flatten(load(language)) }));

const pluralForms: Record<string, string[]> = {
  en: ['one', 'other'],
  es: ['one', 'many', 'other'],
  fr: ['one', 'many', 'other'],
};
const plural = /_(zero|one|two|few|many|other)$/;
// Codes of the API are no plurals: too_many, division_by_zero.
const isPlural = (key: string) => plural.test(key) && !key.startsWith('said.code.');
const bases = (keys: Iterable<string>) =>
  [...new Set([...keys].map((k) => (isPlural(k) ? k.replace(plural, '') : k)))].sort();
const placeholders = (text: string) =>
  [...text.matchAll(/\{\{\s*(\w+)|<(\w+)/g)].map((m) => m[1] ?? `<${m[2]}`).sort();

function sources(): { file: string; tree: ts.SourceFile }[] {
  return files(root, (n) => /\.tsx?$/.test(n) && !/\.test\.tsx?$|\.d\.ts$/.test(n)).map((path) => ({
    file: relative(root, path),
    tree: ts.createSourceFile(
      path,
      readFileSync(path, 'utf8'),
      ts.ScriptTarget.Latest,
      true,
      path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
    ),
  }));
}

const spoken = new Set([
  'label',
  'title',
  'placeholder',
  'description',
  'aria-label',
  'alt',
  'text',
  'confirm',
  'cancel',
  'submit',
  'caption',
  'head',
  'nothingFoundMessage',
]);
const hasLetters = (text: string) => /\p{L}{2,}/u.test(text);

/** Text in JSX that people would read and that no translation passed through. */
function literals(tree: ts.SourceFile): string[] {
  const found: string[] = [];
  const at = (node: ts.Node) => tree.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && hasLetters(node.text)) found.push(`${at(node)}: ${node.text.trim()}`);
    if (
      ts.isJsxExpression(node) &&
      node.expression &&
      ts.isStringLiteralLike(node.expression) &&
      !ts.isJsxAttribute(node.parent)
    ) {
      if (hasLetters(node.expression.text)) found.push(`${at(node)}: ${node.expression.text}`);
    }
    if (ts.isJsxAttribute(node) && spoken.has(node.name.getText()) && node.initializer) {
      const value = ts.isJsxExpression(node.initializer) ? node.initializer.expression : node.initializer;
      if (value && ts.isStringLiteralLike(value) && hasLetters(value.text))
        found.push(`${at(node)}: ${value.text}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  // Names of keys on a keyboard.
  return found.filter((f) => !/: (Ctrl|Esc|Enter|Shift|Ctrl [A-Z])$/.test(f));
}

/** Keys named in t('...') or i18nKey="..."; those put together at run time are left out. */
function usedKeys(tree: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 't') {
      const first = node.arguments[0];
      if (first && ts.isStringLiteralLike(first)) found.push(first.text);
    }
    if (
      ts.isJsxAttribute(node) &&
      node.name.getText() === 'i18nKey' &&
      node.initializer &&
      ts.isStringLiteral(node.initializer)
    ) {
      found.push(node.initializer.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

describe('catalogue', () => {
  it.each(others)('has the same keys in $language', ({ catalogue }) => {
    expect(bases(catalogue.keys())).toEqual(bases(en.keys()));
  });

  it.each(others)('stands in $language beside each part in English', ({ language }) => {
    const folders = (code: string) => catalogueFiles(code).map((f) => dirname(f));
    expect(folders(language)).toEqual(folders('en'));
  });

  it('has every plural form of its language', () => {
    const missing: string[] = [];
    for (const { language, catalogue } of [{ language: 'en', catalogue: en }, ...others]) {
      const plurals = bases([...catalogue.keys()].filter(isPlural));
      for (const key of plurals) {
        for (const form of pluralForms[language] ?? []) {
          if (!catalogue.has(`${key}_${form}`)) missing.push(`${language} ${key}_${form}`);
        }
      }
    }
    expect(missing).toEqual([]);
  });

  it.each(others)('keeps the placeholders of each text in $language', ({ catalogue }) => {
    const wrong = [...catalogue].filter(([key, text]) => {
      // A form that English has not ("many") says what its "other" says.
      const original = en.get(key) ?? en.get(key.replace(plural, '_other'));
      return original === undefined || placeholders(text).join() !== placeholders(original).join();
    });
    expect(wrong.map(([k]) => k)).toEqual([]);
  });

  it('is translated: nothing long stands in French as it does in English', () => {
    const fr = others.find((o) => o.language === 'fr')!.catalogue;
    const same = [...fr].filter(([key, text]) => /\p{L}+ \p{L}+ \p{L}+/u.test(text) && en.get(key) === text);
    expect(same.map(([k]) => k)).toEqual([]);
  });

  it('gives no key twice', () => {
    const seen = new Map<string, string>();
    const twice: string[] = [];
    for (const file of catalogueFiles('en')) {
      for (const key of flatten(read(file)).keys()) {
        if (seen.has(key)) twice.push(`${key} in ${relative(root, file)} and ${seen.get(key)}`);
        seen.set(key, relative(root, file));
      }
    }
    expect(twice).toEqual([]);
  });

  it('knows every key that the code names', () => {
    const unknown = sources().flatMap(({ file, tree }) =>
      usedKeys(tree)
        .filter((key) => !en.has(key) && !en.has(`${key}_other`))
        .map((key) => `${file}: ${key}`),
    );
    expect(unknown).toEqual([]);
  });

  it('is not bypassed by text in JSX', () => {
    expect(sources().flatMap(({ file, tree }) => literals(tree).map((l) => `${file}:${l}`))).toEqual([]);
  });

  it('would notice a literal', () => {
    const tree = ts.createSourceFile(
      'x.tsx',
      'const x = <p title="Hello there">Some words{"more words"}</p>;',
      ts.ScriptTarget.Latest,
      true,
      ts.ScriptKind.TSX,
    );
    expect(literals(tree)).toHaveLength(3);
  });
});

describe('pseudo-locale', () => {
  it('changes the words and leaves placeholders and tags', () => {
    const text = pseudo({ a: { b: 'Save <a>{{name}}</a>' } }) as { a: { b: string } };
    expect(text.a.b).toContain('<a>{{name}}</a>');
    expect(text.a.b).not.toContain('Save');
    expect(text.a.b.length).toBeGreaterThan('Save <a>{{name}}</a>'.length);
  });
});
