import { useState } from 'react';
import { ActionIcon, Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Job } from '@/api/types';
import { cellValue, JobProgress, type FieldDef, type FilterGroup, type ListContext } from '@/grid';
import { useFormats } from '@/i18n/format';
import { sentence } from '@/sentences';
import { ProblemAlert } from '@/ui/ProblemAlert';
import type { CustomerRow } from './CustomersPage';
import { FieldValue } from './FieldValue';
import classes from './list.module.css';

export type Scope = { ids: string[] } | { filter: FilterGroup | null; q: string };

interface Change {
  field: string;
  op: string;
  value: string | string[];
}

interface Preview {
  matching: number;
  will_change: number;
  unchanged: number;
  excluded: { code: string; message: string; count: number; examples?: { id: string; name: string }[] }[];
  sample: { id: string; name: string; changes: { field: string; old: unknown; new: unknown }[] }[];
  /** False when only some were tried, and the figures are in proportion. */
  is_exact?: boolean;
  evaluated?: number;
}

interface Props {
  ctx: ListContext<CustomerRow>;
  scope: Scope;
  onClose: () => void;
}

/** A scope as the API takes it; a filter of nothing means everything. */
export const scopeBody = (s: Scope) => ('ids' in s ? s : { filter: s.filter ?? { and: [] }, q: s.q });

const body = (changes: Change[]) =>
  changes.map((c) =>
    c.op === 'clear' ? { field: c.field, op: c.op } : { field: c.field, op: c.op, value: c.value },
  );

const complete = (c: Change) =>
  c.field !== '' && (c.op === 'clear' || (Array.isArray(c.value) ? c.value.length > 0 : c.value !== ''));

/** What a field allows in bulk; groups are added and removed rather than overwritten. */
function bulkOps(f: FieldDef): string[] {
  if (f.type === 'multiref') {
    const named = f.bulk_ops?.filter((o) => ['add', 'remove', 'set'].includes(o)) ?? [];
    return named.includes('add') ? named : ['add', 'remove', 'set'];
  }
  return f.bulk_ops ?? [];
}

/** Change, preview, run: what is not named stays as it is. */
export function BulkUpdate({ ctx, scope, onClose }: Props) {
  const { t } = useTranslation();
  const f = useFormats();
  // What was chosen when the dialog opened stays chosen, whatever happens to the list behind it.
  const [target] = useState(scope);
  const fields = ctx.fields.filter((x) => bulkOps(x).length > 0);
  const [changes, setChanges] = useState<Change[]>([{ field: '', op: '', value: '' }]);
  const [comment, setComment] = useState('');
  const [jobId, setJobId] = useState<string>();
  const ready = changes.filter(complete);
  const request = { ...scopeBody(target), changes: body(ready), comment: comment.trim() || undefined };
  const preview = useMutation({
    mutationFn: () => api.post<Preview>('/customers/bulk-update', { ...request, dry_run: true }),
  });
  const run = useMutation({
    mutationFn: () => api.post<Job>('/customers/bulk-update', request),
    onSuccess: (job) => setJobId(job.id),
  });
  const set = (next: Change[]) => {
    setChanges(next);
    preview.reset();
  };
  const n = 'ids' in target ? target.ids.length : undefined;
  return (
    <Modal
      opened
      size="xl"
      onClose={onClose}
      title={
        n === undefined
          ? t('customerList.bulk.titleAll')
          : t('customerList.bulk.title', { count: n, n: f.number(n) })
      }
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {jobId ? (
        <Stack gap="md">
          <JobProgress id={jobId} rows onFinished={ctx.refresh} onUndo={(j) => setJobId(j.id)} />
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('action.close')}</Button>
          </Group>
        </Stack>
      ) : (
        <Stack gap="md">
          <Text c="dimmed">{t('customerList.bulk.text')}</Text>
          <div className={classes.changes}>
            {changes.map((c, i) => (
              <ChangeRow
                key={i}
                change={c}
                fields={fields}
                taken={changes.filter((_, j) => j !== i).map((x) => x.field)}
                onChange={(next) => set(changes.map((x, j) => (j === i ? next : x)))}
                onRemove={() =>
                  set(
                    changes.length > 1
                      ? changes.filter((_, j) => j !== i)
                      : [{ field: '', op: '', value: '' }],
                  )
                }
              />
            ))}
          </div>
          <div>
            <Button
              variant="subtle"
              size="compact-xs"
              leftSection={<IconPlus size={14} />}
              onClick={() => set([...changes, { field: '', op: '', value: '' }])}
            >
              {t('customerList.bulk.add')}
            </Button>
          </div>
          <TextInput
            size="xs"
            label={t('customerList.bulk.comment')}
            value={comment}
            onChange={(e) => setComment(e.target.value)}
            maxLength={500}
          />
          {(preview.error ?? run.error) && (
            <ProblemAlert
              error={preview.error ?? run.error}
              labels={Object.fromEntries(ctx.fields.map((x) => [x.name, x.label]))}
            />
          )}
          {preview.data && <PreviewTable preview={preview.data} ctx={ctx} />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            {preview.data ? (
              <Button
                disabled={preview.data.will_change === 0}
                loading={run.isPending}
                onClick={() => run.mutate()}
              >
                {t('customerList.bulk.run', {
                  count: preview.data.will_change,
                  n: f.number(preview.data.will_change),
                })}
              </Button>
            ) : (
              <Button
                disabled={ready.length === 0}
                loading={preview.isPending}
                onClick={() => preview.mutate()}
              >
                {t('customerList.bulk.preview')}
              </Button>
            )}
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

interface RowProps {
  change: Change;
  fields: FieldDef[];
  taken: string[];
  onChange: (c: Change) => void;
  onRemove: () => void;
}

function ChangeRow({ change, fields, taken, onChange, onRemove }: RowProps) {
  const { t } = useTranslation();
  const field = fields.find((f) => f.name === change.field);
  const ops = field ? bulkOps(field) : [];
  return (
    <div className={classes.change}>
      <Select
        size="xs"
        searchable
        aria-label={t('grid.filter.field')}
        placeholder={t('customerList.bulk.field')}
        data={fields
          .filter((f) => !taken.includes(f.name) || f.type === 'multiref')
          .map((f) => ({ value: f.name, label: f.label }))}
        value={change.field || null}
        onChange={(name) => {
          const f = fields.find((x) => x.name === name);
          onChange({
            field: name ?? '',
            op: f ? (bulkOps(f)[0] ?? 'set') : '',
            value: f?.type === 'multiref' ? [] : '',
          });
        }}
      />
      <Select
        size="xs"
        allowDeselect={false}
        disabled={!field}
        aria-label={t('customerList.bulk.action')}
        data={ops.map((op) => ({ value: op, label: t(`customerList.bulk.op.${op}`) }))}
        value={change.op || null}
        onChange={(op) => onChange({ ...change, op: op ?? 'set' })}
      />
      <div>
        {field && change.op !== 'clear' && (
          <FieldValue
            field={field}
            value={change.value}
            onChange={(value) => onChange({ ...change, value })}
          />
        )}
      </div>
      <ActionIcon
        size={30}
        aria-label={t('grid.filter.remove', { name: field?.label ?? '' })}
        onClick={onRemove}
      >
        <IconX size={16} />
      </ActionIcon>
    </div>
  );
}

function PreviewTable({ preview, ctx }: { preview: Preview; ctx: ListContext<CustomerRow> }) {
  const { t } = useTranslation();
  const f = useFormats();
  const label = (name: string) => ctx.fields.find((x) => x.name === name)?.label ?? name;
  return (
    <Stack gap="sm" aria-live="polite">
      <dl className={classes.figures}>
        <Figure label={t('customerList.bulk.matching')} value={f.number(preview.matching)} />
        <Figure label={t('customerList.bulk.willChange')} value={f.number(preview.will_change)} />
        <Figure label={t('customerList.bulk.unchanged')} value={f.number(preview.unchanged)} />
        <Figure
          label={t('customerList.bulk.excluded')}
          value={f.number((preview.excluded ?? []).reduce((n, e) => n + e.count, 0))}
        />
      </dl>
      {preview.is_exact === false && (
        <Text c="dimmed">{t('customerList.bulk.about', { n: f.number(preview.evaluated ?? 0) })}</Text>
      )}
      {(preview.excluded ?? []).map((e) => (
        <Text key={e.code}>
          <b>{t('customerList.bulk.excludedCount', { count: e.count, n: f.number(e.count) })}</b>{' '}
          {sentence(e.code, e.message)}
          {e.examples?.length ? (
            <span className="muted"> ({f.list(e.examples.map((x) => x.name))})</span>
          ) : null}
        </Text>
      ))}
      {preview.sample?.length > 0 && (
        <div className={classes.box} tabIndex={0} role="region" aria-label={t('customerList.bulk.sample')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('grid.fields.name')}</th>
                <th scope="col">{t('grid.filter.field')}</th>
                <th scope="col">{t('customerList.bulk.old')}</th>
                <th scope="col">{t('customerList.bulk.new')}</th>
              </tr>
            </thead>
            <tbody>
              {preview.sample.flatMap((row) =>
                row.changes.map((c) => (
                  <tr key={`${row.id}/${c.field}`}>
                    <td>{row.name || row.id}</td>
                    <td>{label(c.field)}</td>
                    <td>
                      <span className={classes.old}>{valueText(c.old, c.field, ctx.fields) || '–'}</span>
                    </td>
                    <td>{valueText(c.new, c.field, ctx.fields) || '–'}</td>
                  </tr>
                )),
              )}
            </tbody>
          </table>
        </div>
      )}
    </Stack>
  );
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** Any value of a difference as text: names of references, labels of choices. */
export function valueText(v: unknown, name: string, fields: FieldDef[]): string {
  if (v === null || v === undefined) return '';
  if (Array.isArray(v)) return v.map((x) => valueText(x, name, fields)).join(', ');
  if (typeof v === 'object')
    return String(cellValue(v as never, 'name') ?? cellValue(v as never, 'id') ?? JSON.stringify(v));
  return fields.find((f) => f.name === name)?.choices?.find((c) => c.value === String(v))?.label ?? String(v);
}
