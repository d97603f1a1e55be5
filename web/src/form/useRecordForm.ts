import { useCallback, useState } from 'react';
import { isApiError } from '@/api/client';

export type Values = Record<string, unknown>;

export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isBlank(a) && isBlank(b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && [...a].sort().every((v, i) => same(v, [...b].sort()[i]));
  }
  if (typeof a === 'object' && typeof b === 'object' && a && b)
    return JSON.stringify(a) === JSON.stringify(b);
  return false;
}

const isBlank = (v: unknown) => v === '' || v === null || v === undefined;

export interface RecordForm {
  values: Values;
  /** What the server had when the form was filled. */
  base: Values;
  errors: Record<string, string>;
  set: (name: string, value: unknown) => void;
  /** Names of fields that differ from base. */
  changed: string[];
  dirty: boolean;
  /** Fills the form anew. */
  reset: (values: Values, base?: Values) => void;
  /** Takes the field messages of a refused save; true when there were any. */
  take: (error: unknown) => boolean;
}

/** Flat values by API field name ("custom.region" for custom fields). */
export function useRecordForm(initial: Values): RecordForm {
  const [base, setBase] = useState(initial);
  const [values, setValues] = useState(initial);
  const [errors, setErrors] = useState<Record<string, string>>({});

  const set = useCallback((name: string, value: unknown) => {
    setValues((old) => ({ ...old, [name]: value }));
    setErrors((old) => {
      if (!(name in old)) return old;
      const rest = { ...old };
      delete rest[name];
      return rest;
    });
  }, []);

  const reset = useCallback((next: Values, nextBase?: Values) => {
    setBase(nextBase ?? next);
    setValues(next);
    setErrors({});
  }, []);

  const take = useCallback((error: unknown) => {
    if (!isApiError(error) || error.fields.length === 0) {
      setErrors({});
      return false;
    }
    const found: Record<string, string> = {};
    for (const f of error.fields) found[f.field] ??= f.message;
    setErrors(found);
    return true;
  }, []);

  const changed = Object.keys({ ...base, ...values }).filter((name) => !same(values[name], base[name]));
  return { values, base, errors, set, changed, dirty: changed.length > 0, reset, take };
}

/** Puts the keyboard into the first field with an error. */
export function focusFirstError(): void {
  requestAnimationFrame(() => {
    const field = document.querySelector<HTMLElement>('form [aria-invalid="true"]');
    field?.focus();
    field?.scrollIntoView({ block: 'center' });
  });
}
