import { Button, Group, Select, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditEntry } from '@/api/types';
import { useFieldLabel } from '@/form/fields';
import { useFormats } from '@/i18n/format';
import { Masked } from '@/ui/Masked';
import { EmptyState } from '@/ui/EmptyState';
import { RowsSkeleton } from '@/ui/FormSkeleton';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { event } from '@/sentences';
import { auditQuery } from './data';
import { DiffDialog } from './DiffDialog';
import { FieldHistory } from './FieldHistory';
import { useValueText } from './valueText';
import classes from './audit.module.css';

interface Props {
  /** The API's name of the table: "customers". */
  table: string;
  rowId: string;
}

/** The history of one record, field by field. `?field=` narrows it to one field. */
export function AuditTimeline({ table, rowId }: Props) {
  const { t } = useTranslation();
  const { field = '' } = useSearch({ strict: false }) as { field?: string };
  const navigate = useNavigate();
  const label = useFieldLabel(table);
  const query = useInfiniteQuery(auditQuery(table, rowId, field));
  const all = useInfiniteQuery({ ...auditQuery(table, rowId), enabled: field !== '' });
  const [shown, setShown] = useState<AuditEntry | null>(null);
  const entries = query.data?.pages.flatMap((p) => p.items) ?? [];
  const told = field ? (all.data?.pages.flatMap((p) => p.items) ?? []) : entries;
  const names = [
    ...new Set([...told.flatMap((e) => e.changes.map((c) => c.field)), ...(field ? [field] : [])]),
  ];
  const setField = (value: string | null) =>
    void navigate({ to: '.', search: value ? { field: value } : {}, replace: true });

  if (query.isPending) return <RowsSkeleton rows={5} height={72} />;
  if (query.isError) {
    return (
      <>
        <ProblemAlert error={query.error} />
        <Button mt="md" variant="default" onClick={() => void query.refetch()}>
          {t('action.retry')}
        </Button>
      </>
    );
  }
  if (entries.length === 0 && !field) {
    return <EmptyState icon={IconHistory} title={t('audit.emptyRecord')} text={t('audit.emptyRecordText')} />;
  }
  return (
    <>
      <Group mb="md" align="flex-end">
        <Select
          label={t('audit.onlyField')}
          placeholder={t('audit.everyField')}
          data={names.map((n) => ({ value: n, label: label(n) }))}
          value={field || null}
          onChange={setField}
          clearable
          clearButtonProps={{ 'aria-label': t('form.clear', { name: t('audit.onlyField') }) }}
          w={260}
        />
      </Group>
      <ol className={classes.timeline}>
        {entries.map((entry) => (
          <TimelineItem
            key={entry.id}
            entry={entry}
            only={field}
            label={label}
            onDiff={() => setShown(entry)}
          />
        ))}
      </ol>
      {entries.length === 0 && <Text c="dimmed">{t('audit.nothingForField')}</Text>}
      {query.hasNextPage && (
        <Button
          variant="default"
          onClick={() => void query.fetchNextPage()}
          loading={query.isFetchingNextPage}
        >
          {t('action.loadMore')}
        </Button>
      )}
      {shown && <DiffDialog entry={shown} onClose={() => setShown(null)} />}
    </>
  );
}

interface ItemProps {
  entry: AuditEntry;
  only: string;
  label: (name: string) => string;
  onDiff: () => void;
}

function TimelineItem({ entry, only, label, onDiff }: ItemProps) {
  const { t } = useTranslation();
  const f = useFormats();
  const said = useValueText();
  const changes = only ? entry.changes.filter((c) => c.field === only) : entry.changes;
  const few = changes.slice(0, 6);
  return (
    <li className={classes.item}>
      <div className={classes.itemHead}>
        <span>
          <strong>
            {entry.actor.name || t(`actor.${entry.actor.kind}`, { defaultValue: entry.actor.kind })}
          </strong>
          {entry.on_behalf_of && (
            <span className="muted"> {t('audit.behalf', { name: entry.on_behalf_of.name })}</span>
          )}
          <span className="muted"> · {event(entry.message)}</span>
        </span>
        <time dateTime={entry.at} className={classes.when} title={f.ago(entry.at)}>
          {f.exact(entry.at)}
        </time>
      </div>
      {entry.comment && <blockquote className={classes.comment}>{entry.comment}</blockquote>}
      {entry.erased_at && (
        <Text size="xs" c="dimmed">
          {t('audit.erasedOn', { when: f.exact(entry.erased_at) })}
        </Text>
      )}
      {few.length > 0 && (
        <dl className={classes.changes}>
          {few.map((c) => (
            <div key={c.field}>
              <dt>
                <FieldHistory table={entry.table} id={entry.row_id} field={c.field} label={label(c.field)} />
              </dt>
              <dd>
                {/* What was not there before needs no arrow. */}
                {said(c.field, c.old) && (
                  <>
                    <span className={classes.old}>{said(c.field, c.old)}</span>
                    <span aria-hidden> → </span>
                  </>
                )}
                {c.masked ? (
                  <Masked />
                ) : (
                  <span className={classes.new}>{said(c.field, c.new) || t('state.empty')}</span>
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
      <Group gap={12} mt={4}>
        <Button size="compact-xs" variant="subtle" onClick={onDiff} ml={-8}>
          {t('audit.viewDifference')}
        </Button>
        {changes.length > few.length && (
          <Text size="xs" c="dimmed">
            {t('audit.moreFields', { count: changes.length - few.length })}
          </Text>
        )}
        {entry.ip && (
          <Text size="xs" c="dimmed" className="num">
            {entry.ip}
          </Text>
        )}
      </Group>
    </li>
  );
}
