import { useTranslation } from 'react-i18next';
import { choiceLabel } from '@/form/fields';
import { useFormats } from '@/i18n/format';
import { codeName, isCodeKind } from '@/i18n/names';

/** Any stored value on one line. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  if (typeof value === 'object') {
    const named = (value as { name?: unknown }).name;
    return typeof named === 'string' ? named : JSON.stringify(value);
  }
  return String(value);
}

/** A value of a field in the reader's words: names of choices and codes. */
export function useValueText(): (field: string, value: unknown) => string {
  const { t } = useTranslation();
  const { locale } = useFormats();
  return (field, value) => {
    if (typeof value !== 'string' || value === '') return valueText(value);
    if (isCodeKind(field)) return codeName(field, value, locale);
    return choiceLabel(t, field, value);
  };
}

/** One side of an entry as indented JSON: the fields that changed, as they were or as they became. */
export function sideJson(
  changes: { field: string; old: unknown; new: unknown }[],
  side: 'old' | 'new',
): string {
  const out: Record<string, unknown> = {};
  for (const change of changes) out[change.field] = change[side] ?? null;
  return JSON.stringify(out, null, 2);
}
