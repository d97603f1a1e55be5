import { Anchor, Button, Select, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconDownload, IconHistory } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { send } from '@/api/client';
import type { AuditEntry } from '@/api/types';
import { usePermission } from '@/app/session';
import { localZone, useFormats } from '@/i18n/format';
import { DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { ListStates } from '@/ui/ListStates';
import { PageHeader } from '@/ui/PageHeader';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { saveBlob } from '@/ui/saveBlob';
import { auditFilter, auditQuery, searchNames, type AuditSearch } from './data';
import { DiffDialog } from './DiffDialog';
import classes from './audit.module.css';

const actions = ['create', 'update', 'delete', 'login', 'export', 'run'];
const tables = [
  'customers',
  'groups',
  'custom_fields',
  'settings',
  'staff',
  'api_tokens',
  'views',
  'imports',
  'jobs',
  'audit_entries',
];

function rowAddress(entry: AuditEntry): string | undefined {
  if (entry.table === 'customers') return `/customers/${entry.row_id}`;
  if (entry.table === 'groups' && entry.action !== 'delete') return `/groups/${entry.row_id}`;
  return undefined;
}

/** Everything that anybody changed, with filters in the address. */
export default function AuditPage() {
  const { t } = useTranslation();
  const f = useFormats();
  const mayExport = usePermission('audit.export');
  const raw = useSearch({ strict: false }) as Record<string, string | undefined>;
  const search: AuditSearch = Object.fromEntries(searchNames.map((n) => [n, raw[n]]).filter(([, v]) => v));
  const [shown, setShown] = useState<AuditEntry | null>(null);
  const query = useInfiniteQuery({ ...auditQuery(search), placeholderData: keepPreviousData });
  const entries = query.data?.pages.flatMap((p) => p.items) ?? [];
  const filtered = Object.keys(search).length > 0;
  const exported = useMutation({
    mutationFn: async () => {
      const answer = await send('/audit-entries', {
        query: { q: search.q, filter: auditFilter(search), sort: '-at' },
        accept: 'text/csv',
      });
      saveBlob(await answer.blob(), 'audit-entries.csv');
    },
  });
  return (
    <div>
      <PageHeader
        title={t('nav.audit')}
        text={t('audit.zone', { zone: localZone() })}
        actions={
          mayExport && (
            <Button
              variant="default"
              leftSection={<IconDownload size={16} />}
              onClick={() => exported.mutate()}
              loading={exported.isPending}
            >
              {t('audit.export')}
            </Button>
          )
        }
      />
      <ProblemAlert error={exported.error} />
      <Filters search={search} />
      <ListStates
        query={query}
        rows={10}
        isEmpty={entries.length === 0}
        empty={
          <EmptyState
            icon={IconHistory}
            title={filtered ? t('form.noMatch') : t('audit.empty')}
            text={filtered ? t('audit.noMatchText') : t('audit.emptyText')}
          />
        }
      >
        <DataTable
          caption={t('nav.audit')}
          rows={entries}
          rowKey={(e) => e.id}
          minWidth={920}
          columns={[
            {
              key: 'at',
              head: t('audit.at'),
              cell: (e) => <span className="num">{f.exact(e.at)}</span>,
              width: 210,
            },
            {
              key: 'actor',
              head: t('audit.who'),
              cell: (e) => (
                <>
                  {e.actor.name || t(`actor.${e.actor.kind}`, { defaultValue: e.actor.kind })}
                  {e.on_behalf_of && (
                    <Text size="xs" c="dimmed">
                      {t('audit.behalf', { name: e.on_behalf_of.name })}
                    </Text>
                  )}
                </>
              ),
            },
            { key: 'ip', head: t('audit.ip'), cell: (e) => <span className="num">{e.ip}</span>, wide: true },
            {
              key: 'action',
              head: t('audit.action'),
              cell: (e) => (
                <>
                  {t(`audit.verb.${e.action}`, { defaultValue: e.action })}
                  <Text size="xs" c="dimmed" className="mono">
                    {e.verb}
                  </Text>
                </>
              ),
              wide: true,
            },
            {
              key: 'what',
              head: t('audit.record'),
              cell: (e) => <RecordCell entry={e} />,
            },
            {
              key: 'message',
              head: t('audit.message'),
              cell: (e) => (
                <>
                  {e.message}
                  {e.comment && (
                    <Text size="xs" c="dimmed">
                      {e.comment}
                    </Text>
                  )}
                </>
              ),
            },
            {
              key: 'diff',
              head: null,
              align: 'right',
              cell: (e) =>
                e.changes.length > 0 && (
                  <Button size="compact-sm" variant="subtle" onClick={() => setShown(e)}>
                    {t('audit.viewDifference')}
                  </Button>
                ),
            },
          ]}
        />
        {query.hasNextPage && (
          <Button
            mt="sm"
            variant="default"
            onClick={() => void query.fetchNextPage()}
            loading={query.isFetchingNextPage}
          >
            {t('action.loadMore')}
          </Button>
        )}
      </ListStates>
      {shown && <DiffDialog entry={shown} onClose={() => setShown(null)} />}
    </div>
  );
}

function RecordCell({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation();
  const to = rowAddress(entry);
  const name = entry.row_name || entry.row_id;
  return (
    <>
      {to ? (
        <Anchor component={Link} to={to}>
          {name}
        </Anchor>
      ) : (
        name
      )}
      <Text size="xs" c="dimmed">
        {t(`table.${entry.table}`, { defaultValue: entry.table })}
      </Text>
    </>
  );
}

function Filters({ search }: { search: AuditSearch }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const set = (name: keyof AuditSearch, value: string | null) => {
    const next: Record<string, string> = {};
    for (const n of searchNames) {
      const v = n === name ? value : search[n];
      if (v) next[n] = v;
    }
    void navigate({ to: '/audit', search: next as never, replace: true });
  };
  const later = useDebouncedCallback(set, 300);
  const [round, setRound] = useState(0);
  const text = (name: keyof AuditSearch, label: string) => (
    <TextInput
      key={`${name}${round}`}
      size="xs"
      label={label}
      defaultValue={search[name] ?? ''}
      onChange={(e) => later(name, e.currentTarget.value.trim())}
    />
  );
  const day = (name: 'from' | 'to', label: string) => (
    <TextInput
      size="xs"
      type="date"
      label={label}
      value={search[name] ?? ''}
      onChange={(e) => set(name, e.currentTarget.value)}
    />
  );
  const pick = (name: 'action' | 'table', label: string, data: { value: string; label: string }[]) => (
    <Select
      size="xs"
      label={label}
      data={data}
      value={search[name] ?? null}
      onChange={(v) => set(name, v)}
      clearable
      clearButtonProps={{ 'aria-label': t('form.clear', { name: label }) }}
      comboboxProps={{ shadow: 'md' }}
    />
  );
  return (
    <form
      role="search"
      aria-label={t('audit.filters')}
      className={classes.filters}
      onSubmit={(e) => e.preventDefault()}
    >
      {text('q', t('audit.words'))}
      {text('actor', t('audit.who'))}
      {text('ip', t('audit.ip'))}
      {pick(
        'action',
        t('audit.action'),
        actions.map((a) => ({ value: a, label: t(`audit.verb.${a}`) })),
      )}
      {pick(
        'table',
        t('audit.table'),
        tables.map((x) => ({ value: x, label: t(`table.${x}`) })),
      )}
      {text('message', t('audit.message'))}
      {day('from', t('audit.from'))}
      {day('to', t('audit.to'))}
      {Object.keys(search).length > 0 && (
        <Button
          size="xs"
          variant="subtle"
          style={{ alignSelf: 'end', justifySelf: 'start' }}
          onClick={() => {
            setRound((n) => n + 1);
            void navigate({ to: '/audit', search: {}, replace: true });
          }}
        >
          {t('audit.clearFilters')}
        </Button>
      )}
    </form>
  );
}
