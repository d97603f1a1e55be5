import { Button, Checkbox, Radio, Select, Stack, Text } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Reference } from '@/api/types';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { useFormats } from '@/i18n/format';
import { codeName } from '@/i18n/names';
import { Defaults } from './Defaults';
import classes from './imports.module.css';
import { useCustomerFields } from './ImportSummary';
import { columnName, isSecret, lacksName, missingMatch } from './mapping';
import { MappingTable } from './MappingTable';
import { hasBegun, type Import, type ImportMode, type Preset } from './types';
import { useImportAction, usePatchImport } from './useImport';

const ENCODINGS = ['utf-8', 'windows-1252', 'utf-16le', 'utf-16be'];
const SEPARATORS = [',', ';', '\t', '|'];
const KEYS = ['reference', 'customer_id', 'email'];

/** What the file is, where its columns go, and what happens to rows that exist already. */
export function ImportSetup({ imp, onChecking }: { imp: Import; onChecking: () => void }) {
  const { t } = useTranslation();
  const { fields, error: fieldsError } = useCustomerFields();
  const patch = usePatchImport(imp.id);
  const check = useImportAction(imp.id, 'check');
  const f = useFormats();
  const { change } = patch;
  const noName = lacksName(imp);
  const noMatch = missingMatch(imp);
  const noKeys = imp.mode !== 'create' && imp.match.length === noMatch.length;
  const label = (name: string) => fields?.find((x) => x.name === name)?.label ?? name;
  return (
    <Stack gap="md">
      {(patch.error ?? check.error ?? fieldsError) && (
        <ProblemAlert error={patch.error ?? check.error ?? fieldsError} />
      )}
      <FileCard imp={imp} onChange={change} />
      <MappingTable
        imp={imp}
        fields={fields ?? []}
        onChange={(mapping) => change({ mapping })}
        preset={<PresetPicker imp={imp} onChange={change} />}
      />
      <ModeCard imp={imp} onChange={change} label={label} />
      <Defaults imp={imp} fields={fields ?? []} onChange={(defaults) => change({ defaults })} />
      <div className={classes.bar}>
        <Text c="dimmed" aria-live="polite">
          {noName
            ? t('imports.lacksName')
            : noKeys
              ? t('imports.lacksMatch', { fields: f.list(noMatch.map(label)) })
              : t('imports.checkText')}
        </Text>
        <div className={classes.barEnd}>
          <Button
            leftSection={<IconSearch size={16} />}
            disabled={noName || noKeys || patch.isPending}
            loading={check.isPending}
            onClick={() => check.mutate(undefined, { onSuccess: onChecking })}
          >
            {t('imports.check')}
          </Button>
        </div>
      </div>
    </Stack>
  );
}

interface CardProps {
  imp: Import;
  onChange: (p: Partial<Import>) => void;
}

function FileCard({ imp, onChange }: CardProps) {
  const { t } = useTranslation();
  const encodings = [...new Set([imp.encoding, ...ENCODINGS].filter(Boolean))];
  const separators = [...new Set([imp.separator, ...SEPARATORS].filter(Boolean))];
  const sheets = imp.sheets ?? [];
  const begun = hasBegun(imp);
  return (
    <section className={classes.card} aria-labelledby="import-file">
      <h2 id="import-file" className={classes.cardTitle}>
        {t('imports.file.title')}
      </h2>
      <div className={classes.fields}>
        {imp.format === 'csv' ? (
          <>
            <Select
              disabled={begun}
              label={t('imports.file.encoding')}
              allowDeselect={false}
              data={encodings.map((e) => ({ value: e, label: e.toUpperCase() }))}
              value={imp.encoding}
              onChange={(v) => v && onChange({ encoding: v })}
            />
            <Select
              disabled={begun}
              label={t('imports.file.separator')}
              allowDeselect={false}
              data={separators.map((s) => ({
                value: s,
                label: t(`imports.separator.${separatorName(s)}`, { defaultValue: s }),
              }))}
              value={imp.separator}
              onChange={(v) => v && onChange({ separator: v })}
            />
          </>
        ) : (
          sheets.length > 0 && (
            <Select
              disabled={begun}
              label={t('imports.file.sheet')}
              allowDeselect={false}
              data={sheets}
              value={imp.sheet ?? null}
              onChange={(v) => v && onChange({ sheet: v })}
            />
          )
        )}
        <Select
          disabled={begun}
          label={t('imports.file.above')}
          allowDeselect={false}
          data={Array.from({ length: Math.max(11, imp.skip_rows + 1) }, (_, n) => String(n))}
          value={String(imp.skip_rows)}
          onChange={(v) => v && onChange({ skip_rows: Number(v) })}
        />
        <Checkbox
          disabled={begun}
          label={t('imports.file.header')}
          checked={imp.has_header}
          onChange={(e) => onChange({ has_header: e.target.checked })}
          className={classes.checkField}
        />
      </div>
      <Preview imp={imp} />
    </section>
  );
}

const separatorName = (s: string) => ({ ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'bar' })[s] ?? s;

interface PreviewAnswer {
  columns: (string | { name: string })[];
  rows: { line: number; cells: string[] }[];
}

/** The first rows as they are read with these settings. */
function Preview({ imp }: { imp: Import }) {
  const { t } = useTranslation();
  const q = useQuery({
    queryKey: [
      'imports',
      'preview',
      imp.id,
      imp.encoding,
      imp.separator,
      imp.has_header,
      imp.skip_rows,
      imp.sheet,
    ],
    queryFn: ({ signal }) =>
      api.get<PreviewAnswer>(`/imports/${imp.id}/preview`, { signal, query: { limit: 20 } }),
    placeholderData: (old) => old,
  });
  if (q.error) return <ProblemAlert error={q.error} />;
  const rows = q.data?.rows ?? [];
  return (
    <div
      className={classes.preview}
      tabIndex={0}
      role="region"
      aria-label={t('imports.file.preview')}
      aria-busy={q.isFetching || undefined}
    >
      <table>
        <thead>
          <tr>
            <th scope="col">{t('imports.line')}</th>
            {imp.columns.map((c) => (
              <th key={c.index} scope="col">
                {columnName(c)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r.line}>
              <td className="num">{r.line}</td>
              {imp.columns.map((c) => (
                <td key={c.index}>{isSecret(c) && r.cells[c.index] ? '••••••' : (r.cells[c.index] ?? '')}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PresetPicker({ imp, onChange }: CardProps) {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ['imports', 'presets'],
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const a = await api.get<Preset[] | { items: Preset[] }>('/imports/presets', { signal });
      return Array.isArray(a) ? a : (a.items ?? []);
    },
  });
  const options = (data ?? []).filter((p) => !p.target || p.target === imp.target);
  if (options.length === 0) return null;
  return (
    <Select
      size="xs"
      clearable
      clearButtonProps={{ 'aria-label': t('action.clear') }}
      aria-label={t('imports.preset')}
      placeholder={t('imports.preset')}
      data={options.map((p) => ({ value: p.key, label: p.name }))}
      value={imp.preset || null}
      onChange={(v) => onChange({ preset: v ?? '' })}
      w={210}
    />
  );
}

function ModeCard({ imp, onChange, label }: CardProps & { label: (name: string) => string }) {
  const { t } = useTranslation();
  const { locale } = useFormats();
  const reference = useQuery({
    queryKey: ['reference'],
    staleTime: Infinity,
    queryFn: ({ signal }) => api.get<Reference>('/reference', { signal }),
  });
  return (
    <section className={classes.card} aria-labelledby="import-mode">
      <h2 id="import-mode" className={classes.cardTitle}>
        {t('imports.mode.title')}
      </h2>
      <Radio.Group
        aria-labelledby="import-mode"
        value={imp.mode}
        onChange={(v) => onChange({ mode: v as ImportMode })}
      >
        <Stack gap={8}>
          {(['create', 'update', 'upsert'] as const).map((m) => (
            <Radio
              key={m}
              value={m}
              label={t(`imports.mode.${m}`)}
              description={t(`imports.mode.${m}Hint`)}
            />
          ))}
        </Stack>
      </Radio.Group>
      {imp.mode !== 'create' && (
        <Checkbox.Group
          mt="md"
          label={t('imports.mode.match')}
          value={imp.match}
          onChange={(match) => onChange({ match: KEYS.filter((k) => match.includes(k)) })}
        >
          <div className={classes.checks}>
            {KEYS.map((k) => (
              <Checkbox key={k} value={k} label={label(k)} />
            ))}
          </div>
        </Checkbox.Group>
      )}
      <div className={classes.fields} style={{ marginTop: 16 }}>
        <Select
          searchable
          clearable
          clearButtonProps={{ 'aria-label': t('action.clear') }}
          label={t('imports.mode.country')}
          description={t('imports.mode.countryHint')}
          data={(reference.data?.countries ?? []).map((c) => ({
            value: c.code,
            label: `${codeName('country', c.code, locale)} (+${c.calling_code})`,
          }))}
          value={imp.options.country || null}
          onChange={(v) => onChange({ options: { ...imp.options, country: v ?? '' } })}
        />
        {imp.mapping.some((m) => m.field === 'groups') && (
          <Checkbox
            className={classes.checkField}
            label={t('imports.mode.groups')}
            checked={imp.options.create_groups ?? false}
            onChange={(e) => onChange({ options: { ...imp.options, create_groups: e.target.checked } })}
          />
        )}
      </div>
    </section>
  );
}
