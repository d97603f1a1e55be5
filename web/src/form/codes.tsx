import { useMemo } from 'react';
import { useQuery } from '@tanstack/react-query';
import type { Choice } from '@/api/types';
import { useFormats } from '@/i18n/format';
import { codeName, type CodeKind } from '@/i18n/names';
import { referenceQuery } from './fields';

/** What can be chosen for a coded field, by name; nothing while it is not asked for. */
export function useCodeChoices(kind: CodeKind | null): Choice[] | null {
  const { locale } = useFormats();
  const { data } = useQuery({ ...referenceQuery, enabled: kind !== null });
  return useMemo(() => {
    if (!kind || !data) return null;
    const byLabel = (a: Choice, b: Choice) => a.label.localeCompare(b.label, locale);
    switch (kind) {
      case 'country':
        return data.countries
          .map((c) => ({ value: c.code, label: `${codeName(kind, c.code, locale)} (${c.code})` }))
          .sort(byLabel);
      case 'currency':
        return data.currencies.map((c) => ({
          value: c.code,
          label: `${c.code} · ${codeName(kind, c.code, locale)}`,
        }));
      case 'language':
        return data.languages
          .map((l) => ({ value: l.code, label: `${codeName(kind, l.code, locale)} (${l.code})` }))
          .sort(byLabel);
      default:
        return data.timezones.map((z) => ({ value: z, label: z.replaceAll('_', ' ') }));
    }
  }, [kind, data, locale]);
}

/** A code by its name, with the code small beside it. */
export function CodeText({ kind, code }: { kind: CodeKind; code: string }) {
  const { locale } = useFormats();
  const name = codeName(kind, code, locale);
  if (!code) return null;
  return (
    <span title={name === code ? code : `${name} (${code})`}>
      {name}
      {name !== code && <small className="code"> {code}</small>}
    </span>
  );
}
