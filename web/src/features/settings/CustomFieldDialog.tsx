import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  NumberInput,
  Select,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import type { Choice, CustomField } from '@/api/types';
import { queryClient } from '@/app/query';
import { DelayButton } from '@/features/schedule/DelayButton';
import { PendingBanner } from '@/features/schedule/states';
import { RecordDialog } from '@/ui/RecordDialog';

const types = ['text', 'number', 'date', 'choice'] as const;

/** A key out of a label: "Sales région" becomes sales_region. */
function keyOf(label: string): string {
  const ascii = label.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return ascii
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 40);
}

interface Props {
  field?: CustomField;
  position: number;
  onClose: () => void;
}

export function CustomFieldDialog({ field, position, onClose }: Props) {
  const { t } = useTranslation();
  const [label, setLabel] = useState(field?.label ?? '');
  const [key, setKey] = useState(field?.key ?? '');
  const [type, setType] = useState<CustomField['type']>(field?.type ?? 'text');
  const [choices, setChoices] = useState<Choice[]>(field?.choices ?? []);
  const [required, setRequired] = useState(field?.required ?? false);
  const [help, setHelp] = useState(field?.help ?? '');
  const [place, setPlace] = useState<number | string>(field?.position ?? position);
  const common = {
    label: label.trim(),
    required,
    help: help.trim(),
    position: Number(place) || 0,
    choices: type === 'choice' ? filledChoices(choices) : [],
  };
  const body = field ? common : { ...common, key: key || keyOf(label), type };
  const save = useMutation({
    mutationFn: () =>
      field
        ? api.patch<CustomField>(`/custom-fields/${field.id}`, body, { version: field.version })
        : api.post<CustomField>('/custom-fields', body),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ['custom-fields'] });
      void queryClient.invalidateQueries({ queryKey: ['fields'] });
      onClose();
    },
  });
  const wrong = (name: string) =>
    isApiError(save.error) ? save.error.fields.find((f) => f.field === name)?.message : undefined;
  return (
    <RecordDialog
      title={field ? t('customField.edit', { name: field.label }) : t('customField.newTitle')}
      submit={field ? t('action.save') : t('customField.create')}
      error={save.error}
      shown={['label', 'key', 'type', 'choices', 'help', 'position']}
      pending={save.isPending}
      onSubmit={() => save.mutate()}
      onClose={onClose}
      extra={
        <DelayButton
          title={field ? t('customField.edit', { name: field.label }) : t('customField.newTitle')}
          build={() => ({
            method: field ? 'PATCH' : 'POST',
            path: field ? `/custom-fields/${field.id}` : '/custom-fields',
            resource: 'custom_fields',
            body,
            version: field?.version,
          })}
          onDone={onClose}
        />
      }
    >
      {field && <PendingBanner id={field.id} resource="custom_fields" />}
      <TextInput
        label={t('customField.label')}
        value={label}
        onChange={(e) => setLabel(e.currentTarget.value)}
        error={wrong('label')}
        data-autofocus
      />
      <TextInput
        label={t('customField.key')}
        description={field ? t('customer.fixed') : t('customField.keyHint')}
        value={field ? field.key : key || keyOf(label)}
        onChange={(e) => setKey(e.currentTarget.value)}
        error={wrong('key')}
        disabled={Boolean(field)}
        spellCheck={false}
      />
      <Select
        label={t('customField.type')}
        description={field ? t('customer.fixed') : undefined}
        data={types.map((value) => ({ value, label: t(`customField.types.${value}`) }))}
        value={type}
        onChange={(v) => setType((v ?? 'text') as CustomField['type'])}
        allowDeselect={false}
        disabled={Boolean(field)}
        error={wrong('type')}
        comboboxProps={{ shadow: 'md' }}
      />
      {type === 'choice' && (
        <ChoicesEditor choices={choices} onChange={setChoices} error={wrong('choices')} />
      )}
      <TextInput
        label={t('customField.help')}
        description={t('customField.helpHint')}
        value={help}
        onChange={(e) => setHelp(e.currentTarget.value)}
        error={wrong('help')}
      />
      <NumberInput
        label={t('customField.position')}
        value={place}
        onChange={setPlace}
        error={wrong('position')}
        min={0}
        hideControls
        maw={140}
      />
      <Checkbox
        label={t('customField.requiredLabel')}
        checked={required}
        onChange={(e) => setRequired(e.currentTarget.checked)}
      />
    </RecordDialog>
  );
}

function filledChoices(choices: Choice[]): Choice[] {
  return choices
    .filter((c) => c.label.trim() !== '')
    .map((c) => ({ label: c.label.trim(), value: c.value || keyOf(c.label) || c.label.trim() }));
}

interface EditorProps {
  choices: Choice[];
  onChange: (choices: Choice[]) => void;
  error?: string;
}

function ChoicesEditor({ choices, onChange, error }: EditorProps) {
  const { t } = useTranslation();
  const set = (at: number, label: string) =>
    onChange(choices.map((c, i) => (i === at ? { ...c, label } : c)));
  return (
    <fieldset style={{ border: 0, margin: 0, padding: 0 }}>
      <Text component="legend" fw={600} mb={4}>
        {t('customField.choices')}
      </Text>
      <Stack gap={6}>
        {choices.map((choice, i) => (
          // Rows have no name of their own before they are saved; their place is what they are.
          <Group key={i} gap={6} wrap="nowrap">
            <TextInput
              flex={1}
              aria-label={t('customField.choiceN', { n: i + 1 })}
              value={choice.label}
              onChange={(e) => set(i, e.currentTarget.value)}
            />
            <ActionIcon
              aria-label={t('customField.removeChoice', { n: i + 1 })}
              onClick={() => onChange(choices.filter((_, at) => at !== i))}
            >
              <IconX size={16} />
            </ActionIcon>
          </Group>
        ))}
        <div>
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconPlus size={15} />}
            onClick={() => onChange([...choices, { value: '', label: '' }])}
          >
            {t('customField.addChoice')}
          </Button>
        </div>
        {error && (
          <Text size="xs" c="var(--mantine-color-error)" role="alert">
            {error}
          </Text>
        )}
      </Stack>
    </fieldset>
  );
}
