import { useTranslation } from 'react-i18next';

// Dates and numbers by the reader's locale. Instants are shown in the browser's
// time zone, and the zone is always named.

function localeOf(language: string): string {
  if (language === 'pseudo') return 'en';
  // The browser's region variant of the chosen language (en-GB, es-MX) when it has one.
  return navigator.languages.find((l) => l.startsWith(language)) ?? language;
}

export interface Formats {
  locale: string;
  /** "22 Nov 2026, 05:07 CET" */
  instant: (iso: string | null | undefined) => string;
  /** The same to the second, for logs. */
  exact: (iso: string | null | undefined) => string;
  /** A calendar day without a zone: "2026-11-22" or an instant's day. */
  day: (iso: string | null | undefined) => string;
  /** "3 minutes ago" */
  ago: (iso: string | null | undefined) => string;
  number: (value: number | string, options?: Intl.NumberFormatOptions) => string;
  /** A decimal string in a currency. The digits are shown as stored, never rounded through a float. */
  money: (value: string, currency: string) => string;
  percent: (ratio: number) => string;
  bytes: (size: number) => string;
  list: (names: string[]) => string;
}

const cache = new Map<string, Formats>();

export function formatsFor(language: string): Formats {
  const locale = localeOf(language);
  const known = cache.get(locale);
  if (known) return known;
  const made = makeFormats(locale);
  cache.set(locale, made);
  return made;
}

function makeFormats(locale: string): Formats {
  const instant = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  });
  const exact = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
  const day = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const joined = new Intl.ListFormat(locale, { type: 'conjunction' });
  const guard = (f: (d: Date) => string) => (iso: string | null | undefined) => {
    if (!iso) return '';
    const date = new Date(iso);
    return Number.isNaN(date.getTime()) ? iso : f(date);
  };
  return {
    locale,
    instant: guard((d) => instant.format(d)),
    exact: guard((d) => exact.format(d)),
    day: guard((d) => day.format(d)),
    ago: guard((d) => agoText(relative, d)),
    number: (value, options) => new Intl.NumberFormat(locale, options).format(value as number),
    money: (value, currency) => moneyText(locale, value, currency),
    percent: (ratio) =>
      new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }).format(ratio),
    bytes: (size) => bytesText(locale, size),
    list: (names) => joined.format(names),
  };
}

function agoText(relative: Intl.RelativeTimeFormat, date: Date): string {
  const seconds = Math.round((date.getTime() - Date.now()) / 1000);
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ['year', 31_536_000],
    ['month', 2_592_000],
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ];
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(seconds, 'second');
}

function moneyText(locale: string, value: string, currency: string): string {
  const trimmed = value.replace(/(\.\d\d)0+$/, '$1');
  // Intl accepts decimal strings exactly; its TypeScript type does not know yet.
  const exactValue = trimmed as unknown as number;
  try {
    return new Intl.NumberFormat(locale, {
      style: 'currency',
      currency,
      currencyDisplay: 'code',
      minimumFractionDigits: 2,
      maximumFractionDigits: 6,
    }).format(exactValue);
  } catch {
    return `${trimmed} ${currency}`;
  }
}

function bytesText(locale: string, size: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
  let step = 0;
  let rest = size;
  while (rest >= 1000 && step < units.length - 1) {
    rest /= 1000;
    step++;
  }
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: units[step],
    unitDisplay: 'short',
    maximumFractionDigits: rest < 10 ? 1 : 0,
  }).format(rest);
}

export function useFormats(): Formats {
  const { i18n } = useTranslation();
  return formatsFor(i18n.language);
}

/** The browser's zone by name, for places that state it once: "Europe/Oslo". */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
