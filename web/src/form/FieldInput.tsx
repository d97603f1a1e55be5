import { Select, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Choice } from '@/api/types';
import { isCodeKind, type CodeKind } from '@/i18n/names';
import { useCodeChoices } from './codes';
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
  if (isCodeKind(kind)) return <CodeInput {...props} code={kind} />;
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
    'data-autofocus': props.autoFocus || undefined, // inside a dialog
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

function CodeInput(props: FieldInputProps & { code: CodeKind }) {
  const data = useCodeChoices(props.code);
  return <ChoiceInput {...props} data={keepUnknown(data ?? [], props.value)} />;
}

/** A stored value that the list does not hold must not look empty. */
function keepUnknown(data: Choice[], value: unknown): Choice[] {
  const code = text(value);
  if (code === '' || data.some((d) => d.value === code)) return data;
  return [{ value: code, label: code }, ...data];
}
