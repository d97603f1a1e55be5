import { useParams, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useQuery } from '@tanstack/react-query';
import { event } from '@/sentences';
import { PageHeader } from '@/ui/PageHeader';
import { AuditTimeline } from './AuditTimeline';
import { latestQuery } from './data';

/** The history of any record, also of one that is gone. `?field=` narrows it to one field. */
export default function HistoryPage() {
  const { t } = useTranslation();
  const { of: table, id } = useParams({ strict: false }) as { of: string; id: string };
  const { name } = useSearch({ strict: false }) as { name?: string };
  const latest = useQuery(latestQuery(table, id));
  const called = name ?? latest.data?.row_name ?? '';
  return (
    <div style={{ maxWidth: 'var(--td-content-max)' }}>
      <PageHeader
        title={t('audit.historyOf', { name: (table === 'jobs' ? event(called) : called) || id })}
        back={{ to: '/audit', label: t('nav.audit') }}
        text={t(`table.${table}`, { defaultValue: table })}
      />
      <AuditTimeline table={table} rowId={id} />
    </div>
  );
}
