import { Select, Textarea, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Choice } from '@/api/types';
import { useFormats } from '@/i18n/format';
import { useReference } from './fields';
import { GroupsPicker, ResellerPicker } from './pickers';

/** What kind of input stands for a field. */
export type InputKind =
  | 'text'
  | 'textarea'
  | 'email'
  | 'tel'
  | 'number'
  | 'date'
  | 'choice'
  | 'country'
  | 'currency'
  | 'language'
  | 'timezone'
  | 'groups'
  | 'reseller';

export interface FieldInputProps {
  kind: InputKind;
  name: string;
  label: string;
  /** Text for all but groups (array of IDs) and reseller ({id,name} or null). */
  value: unknown;
  onChange: (value: unknown) => void;
  error?: React.ReactNode;
  description?: string;
  required?: boolean;
  disabled?: boolean;
  choices?: Choice[];
  autoComplete?: string;
  placeholder?: string;
  autoFocus?: boolean;
}

const text = (value: unknown): string => (value === null || value === undefined ? '' : String(value));

/** One labelled input for any type of field; dates and numbers are plain strings as the API takes them. */
export function FieldInput(props: FieldInputProps) {
  const { kind, value, onChange } = props;
  if (kind === 'groups')
    return <GroupsPicker {...common(props)} value={value as string[]} onChange={onChange} />;
  if (kind === 'reseller')
    return <ResellerPicker {...common(props)} value={value as never} onChange={onChange} />;
  if (kind === 'choice') return <ChoiceInput {...props} data={props.choices ?? []} />;
  if (kind === 'country') return <CountryInput {...props} />;
  if (kind === 'currency') return <CurrencyInput {...props} />;
  if (kind === 'language') return <LanguageInput {...props} />;
  if (kind === 'timezone') return <TimezoneInput {...props} />;
  if (kind === 'textarea') {
    return (
      <Textarea
        {...common(props)}
        autosize
        minRows={2}
        maxRows={10}
        value={text(value)}
        onChange={(e) => onChange(e.currentTarget.value)}
      />
    );
  }
  const types: Record<string, string> = { email: 'email', tel: 'tel', date: 'date' };
  return (
    <TextInput
      {...common(props)}
      type={types[kind] ?? 'text'}
      inputMode={kind === 'number' ? 'decimal' : undefined}
      placeholder={props.placeholder}
      autoComplete={props.autoComplete ?? 'off'}
      value={text(value)}
      onChange={(e) => onChange(e.currentTarget.value)}
    />
  );
}

function common(props: FieldInputProps) {
  return {
    name: props.name,
    label: props.label,
    description: props.description,
    error: props.error,
    required: props.required,
    disabled: props.disabled,
    autoFocus: props.autoFocus,
    'data-field': props.name,
  };
}

function ChoiceInput(props: FieldInputProps & { data: Choice[] }) {
  const { t } = useTranslation();
  return (
    <Select
      {...common(props)}
      data={props.data}
      value={text(props.value) || null}
      onChange={(v) => props.onChange(v ?? '')}
      searchable={props.data.length > 7}
      clearable={!props.required}
      allowDeselect={false}
      placeholder={props.placeholder}
      nothingFoundMessage={t('form.noMatch')}
      clearButtonProps={{ 'aria-label': t('form.clear', { name: props.label }) }}
      limit={300}
      comboboxProps={{ shadow: 'md' }}
    />
  );
}

function CountryInput(props: FieldInputProps) {
  const reference = useReference();
  const { locale } = useFormats();
  const data = useMemo(() => {
    const names = displayNames(locale, 'region');
    return (reference?.countries ?? [])
      .map((c) => ({ value: c.code, label: `${names(c.code) ?? c.name} (${c.code})` }))
      .sort((a, b) => a.label.localeCompare(b.label, locale));
  }, [reference, locale]);
  return <ChoiceInput {...props} data={keepUnknown(data, props.value)} />;
}

function CurrencyInput(props: FieldInputProps) {
  const reference = useReference();
  const { locale } = useFormats();
  const data = useMemo(() => {
    const names = displayNames(locale, 'currency');
    return (reference?.currencies ?? []).map((c) => ({
      value: c.code,
      label: `${c.code} · ${names(c.code) ?? c.name}`,
    }));
  }, [reference, locale]);
  return <ChoiceInput {...props} data={keepUnknown(data, props.value)} />;
}

function LanguageInput(props: FieldInputProps) {
  const reference = useReference();
  const { locale } = useFormats();
  const data = useMemo(() => {
    const names = displayNames(locale, 'language');
    return (reference?.languages ?? [])
      .map((l) => ({ value: l.code, label: names(l.code) ?? l.name }))
      .sort((a, b) => a.label.localeCompare(b.label, locale));
  }, [reference, locale]);
  return <ChoiceInput {...props} data={keepUnknown(data, props.value)} />;
}

function TimezoneInput(props: FieldInputProps) {
  const reference = useReference();
  const data = useMemo(
    () => (reference?.timezones ?? []).map((z) => ({ value: z, label: z.replaceAll('_', ' ') })),
    [reference],
  );
  return <ChoiceInput {...props} data={keepUnknown(data, props.value)} />;
}

/** Names in the reader's language where the browser knows them. */
function displayNames(
  locale: string,
  type: 'region' | 'currency' | 'language',
): (code: string) => string | undefined {
  const names = new Intl.DisplayNames([locale], { type, fallback: 'none' });
  return (code) => {
    try {
      return names.of(code);
    } catch {
      return undefined;
    }
  };
}

/** A stored value that the list does not hold must not look empty. */
function keepUnknown(data: Choice[], value: unknown): Choice[] {
  const code = text(value);
  if (code === '' || data.some((d) => d.value === code)) return data;
  return [{ value: code, label: code }, ...data];
}
