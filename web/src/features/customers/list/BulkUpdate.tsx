import { useState } from 'react';
import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Job } from '@/api/types';
import { JobProgress, type FieldDef, type FilterGroup, type ListContext } from '@/grid';
import { useFormats } from '@/i18n/format';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { BulkPreview, type Preview } from './BulkPreview';
import { changesBody, changesOf, lines, openLines, PRESERVE, type Draft, type Line } from './bulkChanges';
import type { CustomerRow } from './CustomersPage';
import { FieldValue } from './FieldValue';
import classes from './list.module.css';

export type Scope = { ids: string[] } | { filter: FilterGroup | null; q: string };

interface Props {
  ctx: ListContext<CustomerRow>;
  scope: Scope;
  onClose: () => void;
}

/** A scope as the API takes it; a filter of nothing means everything. */
export const scopeBody = (s: Scope) => ('ids' in s ? s : { filter: s.filter ?? { and: [] }, q: s.q });

/** Every field with what becomes of it, then a preview, then one job. */
export function BulkUpdate({ ctx, scope, onClose }: Props) {
  const { t } = useTranslation();
  const f = useFormats();
  // What was chosen when the dialog opened stays chosen, whatever happens to the list behind it.
  const [target] = useState(scope);
  const [draft, setDraft] = useState<Draft>({});
  const [comment, setComment] = useState('');
  const [jobId, setJobId] = useState<string>();
  const changes = changesOf(ctx.fields, draft);
  const request = {
    ...scopeBody(target),
    changes: changesBody(changes),
    comment: comment.trim() || undefined,
  };
  const preview = useMutation({
    mutationFn: () => api.post<Preview>('/customers/bulk-update', { ...request, dry_run: true }),
  });
  const run = useMutation({
    mutationFn: () => api.post<Job>('/customers/bulk-update', request),
    onSuccess: (job) => setJobId(job.id),
  });
  const n = 'ids' in target ? target.ids.length : undefined;
  const labels = Object.fromEntries(ctx.fields.map((x) => [x.name, x.label]));
  // The API names a wrong change by its place; people know it by its field.
  changes.forEach((c, i) => {
    for (const part of ['', '.field', '.op', '.value'])
      labels[`changes[${i}]${part}`] = labels[c.field] ?? c.field;
  });
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
      ) : preview.data ? (
        <Stack gap="md">
          <BulkPreview preview={preview.data} changes={changes} fields={ctx.fields} />
          {run.error && <ProblemAlert error={run.error} labels={labels} />}
          <div className={classes.footer}>
            <Button
              variant="default"
              leftSection={<IconArrowLeft size={16} />}
              onClick={() => {
                run.reset();
                preview.reset();
              }}
            >
              {t('customerList.bulk.back')}
            </Button>
            <Button
              disabled={preview.data.will_change === 0}
              loading={run.isPending}
              onClick={() => run.mutate()}
            >
              {preview.data.is_exact === false
                ? t('customerList.bulk.runAbout', { n: f.number(preview.data.will_change) })
                : t('customerList.bulk.run', {
                    count: preview.data.will_change,
                    n: f.number(preview.data.will_change),
                  })}
            </Button>
          </div>
        </Stack>
      ) : (
        <form
          onSubmit={(e) => {
            e.preventDefault();
            preview.mutate();
          }}
        >
          <Stack gap="md">
            <Text c="dimmed">{t('customerList.bulk.text')}</Text>
            <Lines fields={ctx.fields} draft={draft} onChange={setDraft} />
            <TextInput
              size="sm"
              label={t('customerList.bulk.comment')}
              value={comment}
              onChange={(e) => setComment(e.target.value)}
              maxLength={500}
            />
            {preview.error && <ProblemAlert error={preview.error} labels={labels} />}
            <div className={classes.footer}>
              <Button variant="default" onClick={onClose}>
                {t('action.cancel')}
              </Button>
              <Button
                type="submit"
                disabled={changes.length === 0 || openLines(ctx.fields, draft).length > 0}
                loading={preview.isPending}
              >
                {t('customerList.bulk.preview')}
              </Button>
            </div>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

interface LinesProps {
  fields: FieldDef[];
  draft: Draft;
  onChange: (next: Draft) => void;
}

function Lines({ fields, draft, onChange }: LinesProps) {
  const { t } = useTranslation();
  const all = lines(fields, draft);
  const headings = [...new Set(all.map((l) => l.field.group ?? ''))];
  return (
    <div className={classes.lines}>
      {headings.map((heading) => (
        <fieldset key={heading} className={classes.heading}>
          <legend>{t(`grid.headings.${heading}`, { defaultValue: heading })}</legend>
          {all
            .filter((l) => (l.field.group ?? '') === heading)
            .map((l) => (
              <LineRow
                key={l.key}
                line={l}
                draft={draft[l.key]}
                onChange={(d) => onChange({ ...draft, [l.key]: d })}
              />
            ))}
        </fieldset>
      ))}
    </div>
  );
}

interface LineProps {
  line: Line;
  draft: Draft[string] | undefined;
  onChange: (d: Draft[string]) => void;
}

function LineRow({ line, draft, onChange }: LineProps) {
  const { t } = useTranslation();
  const { field } = line;
  const op = draft?.op ?? PRESERVE;
  const value = draft?.value ?? (field.type === 'multiref' ? [] : '');
  const second = line.key !== field.name;
  const name = second ? t('customerList.bulk.alsoRemove', { name: field.label }) : field.label;
  return (
    <div className={classes.line} data-changed={op !== PRESERVE || undefined}>
      <span className={classes.lineName} aria-hidden>
        {name}
      </span>
      <Select
        size="xs"
        allowDeselect={false}
        aria-label={name}
        data={[PRESERVE, ...line.ops].map((o) => ({ value: o, label: t(`customerList.bulk.op.${o}`) }))}
        value={op}
        onChange={(o) => onChange({ op: o ?? PRESERVE, value })}
      />
      <div>
        {op !== PRESERVE && op !== 'clear' && (
          <FieldValue
            field={field}
            name={t('customerList.bulk.value', { name })}
            value={value}
            onChange={(v) => onChange({ op, value: v })}
          />
        )}
      </div>
    </div>
  );
}
