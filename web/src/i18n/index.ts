import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { pseudo, type Catalogue } from './merge';

export type LanguageCode = 'en' | 'es' | 'fr' | 'pseudo';

/** Names are shown in their own language, so they are not in the catalogue. */
export const languages: { code: LanguageCode; name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'es', name: 'Español' },
  { code: 'fr', name: 'Français' },
];

const storageKey = 'tandem-language';

async function load(code: LanguageCode): Promise<Catalogue> {
  if (code === 'es') return (await import('./catalogue-es')).default;
  if (code === 'fr') return (await import('./catalogue-fr')).default;
  const english = (await import('./catalogue-en')).default;
  return code === 'pseudo' ? pseudo(english) : english;
}

function stored(): LanguageCode | undefined {
  try {
    const value = localStorage.getItem(storageKey);
    if (value === 'pseudo') return value;
    return languages.find((l) => l.code === value)?.code;
  } catch {
    // Storage may be blocked; the browser's language decides.
  }
  return undefined;
}

function wanted(): LanguageCode {
  const kept = stored();
  if (kept) return kept;
  // The first of the reader's languages that the console speaks: "fr-CA" is French.
  for (const tag of navigator.languages) {
    const known = languages.find((l) => l.code === tag.toLowerCase().split('-')[0]);
    if (known) return known.code;
  }
  return 'en';
}

export async function startI18n(): Promise<void> {
  const code = wanted();
  await i18next.use(initReactI18next).init({
    lng: code,
    fallbackLng: false,
    resources: { [code]: { translation: await load(code) } },
    interpolation: { escapeValue: false },
    returnNull: false,
    showSupportNotice: false,
  } as Parameters<typeof i18next.init>[0]);
  apply(code);
}

/** Whether somebody has chosen a language at this browser. */
export const languageChosen = (): boolean => stored() !== undefined;

/** Speaks it from now on; `keep`: whenever the page is opened here again. */
export async function setLanguage(code: LanguageCode, keep = true): Promise<void> {
  if (!i18next.hasResourceBundle(code, 'translation')) {
    i18next.addResourceBundle(code, 'translation', await load(code));
  }
  await i18next.changeLanguage(code);
  try {
    if (keep) localStorage.setItem(storageKey, code);
  } catch {
    // Not remembered, but still applied to this page.
  }
  apply(code);
}

function apply(code: LanguageCode): void {
  document.documentElement.lang = code === 'pseudo' ? 'en' : code;
}

export function currentLanguage(): LanguageCode {
  return (i18next.language || 'en') as LanguageCode;
}
