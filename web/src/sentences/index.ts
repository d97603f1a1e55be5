/**
 * The server's sentences in the reader's language.
 *
 * The API says what is wrong by a code and an English sentence. English readers get that sentence, which is the most
 * exact; others get the catalogue's for the code (`said.code.<code>`), with the numbers and the quoted words of the
 * English one in its places. Where those are missing, `<code>Plain` is said; a code the catalogue does not know falls
 * back to the API's sentence. Messages of the audit log and names of jobs have no code: they are known by their form,
 * which is the English catalogue's text itself (`said.event`).
 */
import i18next from 'i18next';
import english from './i18n/en.json';

const isEnglish = () => i18next.language === 'en' || !i18next.language;

function lookUp(key: string, params?: Record<string, string>): string {
  return i18next.t(key, { defaultValue: '', ...params });
}

/** {n}, {m} numbers and {q} the quoted words of a sentence. */
export function paramsOf(sentence: string): Record<string, string> {
  const out: Record<string, string> = {};
  const quoted = /"((?:[^"\\]|\\.)*)"/.exec(sentence);
  if (quoted) out.q = quoted[1]!.replace(/\\(.)/g, '$1');
  const rest = quoted ? sentence.replace(quoted[0], '') : sentence;
  const numbers = rest.match(/\d+(?:[.,]\d+)*/g) ?? [];
  if (numbers[0]) out.n = numbers[0];
  if (numbers[1]) out.m = numbers[1];
  return out;
}

const texts = english.said.code as Record<string, string>;

/** The sentence for a code; `given` is the API's own. */
export function sentence(code: string | undefined, given = ''): string {
  if (!code || (isEnglish() && given)) return given;
  const wanted = [...(texts[code] ?? '').matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]!);
  const params = paramsOf(given);
  const whole = wanted.every((name) => name in params) ? lookUp(`said.code.${code}`, params) : '';
  return whole || lookUp(`said.code.${code}Plain`) || given;
}

const forms = Object.entries(english.said.event)
  .map(([key, text]) => ({
    key,
    pattern: new RegExp(
      `^${text
        .replace(/[.*+?^$()|[\]\\]/g, '\\$&')
        .replace(/\{\{n\}\}/, '(?<n>[\\d,]+)')
        .replace(/\{\{rest\}\}/, '(?<rest>.+)')}$`,
      's',
    ),
    length: text.length,
  }))
  // The longest form first: "Import of {{rest}} undone" before "Import of {{rest}}".
  .sort((a, b) => b.length - a.length);

/** The key of the form that a message of the audit log or the name of a job has. */
export function eventKey(message: string): string | undefined {
  return forms.find((f) => f.pattern.test(message))?.key;
}

/** A message of the audit log, or the name of a job. */
export function event(message: string): string {
  if (isEnglish() || !message) return message;
  for (const f of forms) {
    const found = f.pattern.exec(message);
    if (!found) continue;
    const { rest, ...others } = found.groups ?? {};
    return lookUp(`said.event.${f.key}`, { ...others, ...(rest ? { rest: event(rest) } : {}) }) || message;
  }
  return message;
}
