import { Button } from '@mantine/core';
import { IconHistory, IconShieldCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { TFunction } from 'i18next';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditEntry } from '@/api/types';
import { usePermission, useSession } from '@/app/session';
import { GridMessage, ListPage, type CellRenderers, type FieldDef, type GridRow } from '@/grid';
import { localZone, useFormats, type Formats } from '@/i18n/format';
import { event } from '@/sentences';
import { DiffDialog } from './DiffDialog';
import { historyAddress } from './HistoryLink';
import { ProofDialog } from './ProofDialog';
import classes from './audit.module.css';

type Row = AuditEntry & GridRow;

const widths: Record<string, number> = {
  at: 226,
  actor: 125,
  ip: 105,
  action: 135,
  row_name: 172,
  message: 200,
};

const newestFirst = [{ field: 'at', desc: true }];

function rowAddress(entry: AuditEntry): string | undefined {
  if (entry.table === 'customers' && entry.row_id) return `/customers/${entry.row_id}`;
  if (entry.table === 'groups' && entry.action !== 'delete') return `/groups/${entry.row_id}`;
  if (entry.table === 'contacts' && entry.row_id) return `/contacts/${entry.row_id}`;
  if (entry.table === 'scheduled_changes') return `/delayed-saves/${entry.row_id}`;
  if (entry.table === 'webhooks' && entry.action !== 'delete') return `/settings/webhooks/${entry.row_id}`;
  return entry.row_id ? historyAddress(entry.table, entry.row_id) : undefined;
}

function cells(t: TFunction, f: Formats): CellRenderers<Row> {
  return {
    at: (e) => <span className="num">{f.exact(e.at)}</span>,
    actor: (e) => (
      <span>
        {e.actor.name || t(`actor.${e.actor.kind}`, { defaultValue: e.actor.kind })}
        {e.on_behalf_of && <span className="muted"> {t('audit.behalf', { name: e.on_behalf_of.name })}</span>}
      </span>
    ),
    ip: (e) => <span className="num">{e.ip}</span>,
    action: (e) => (
      <span>
        {t(`audit.verb.${e.action}`, { defaultValue: e.action })}{' '}
        <span className={classes.method}>{e.verb}</span>
      </span>
    ),
    row_name: (e) => {
      const to = rowAddress(e);
      const name = e.table === 'jobs' ? event(e.row_name) : e.row_name || e.row_id;
      return to && name ? (
        <Link to={to as never} tabIndex={-1} draggable={false} className={classes.record} title={name}>
          {name}
        </Link>
      ) : (
        <span title={name}>{name}</span>
      );
    },
    message: (e) => (
      <span title={[event(e.message), e.comment].filter(Boolean).join(' · ')}>
        {event(e.message)}
        {e.comment && <span className="muted"> · {e.comment}</span>}
      </span>
    ),
  };
}

/** Everything that anybody changed. */
export default function AuditPage() {
  const { t } = useTranslation();
  const f = useFormats();
  const mayExport = usePermission('audit.export');
  const mayProve = !useSession()?.root && mayExport; // of the whole, of which others see a part
  const [shown, setShown] = useState<AuditEntry | null>(null);
  const [proving, setProving] = useState(false);
  const renderers = useMemo(() => cells(t, f), [t, f]);
  const refine = useCallback(
    (field: FieldDef): FieldDef =>
      field.name === 'table'
        ? {
            ...field,
            width: 112,
            choices: field.choices?.map((c) => ({
              ...c,
              label: t(`table.${c.value}`, { defaultValue: c.label }),
            })),
          }
        : { ...field, width: widths[field.name] ?? field.width },
    [t],
  );
  return (
    <ListPage<Row>
      target="audit_entries"
      path="/audit-entries"
      title={t('nav.audit')}
      text={t('audit.zone', { zone: localZone() })}
      selectable={false}
      mayExport={mayExport}
      searchLabel={t('audit.words')}
      refine={refine}
      renderers={renderers}
      onOpen={setShown}
      rowLabel={(e) => e.row_name || e.message}
      defaultSort={newestFirst}
      rowActionsWidth={130}
      rowActions={(e) =>
        e.changes.length > 0 && (
          <Button size="compact-xs" variant="subtle" onClick={() => setShown(e)}>
            {t('audit.viewDifference')}
          </Button>
        )
      }
      actions={() =>
        mayProve && (
          <Button
            variant="default"
            leftSection={<IconShieldCheck size={16} />}
            onClick={() => setProving(true)}
          >
            {t('audit.proof')}
          </Button>
        )
      }
      empty={<GridMessage icon={IconHistory} title={t('audit.empty')} text={t('audit.emptyText')} />}
    >
      {() => (
        <>
          {shown && <DiffDialog entry={shown} onClose={() => setShown(null)} />}
          {proving && <ProofDialog onClose={() => setProving(false)} />}
        </>
      )}
    </ListPage>
  );
}
