import { Anchor, Button, Stack, Table, Text } from '@mantine/core';
import { IconPlayerPlay, IconTrash, IconClockEdit } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { ScheduledChange } from '@/api/types';
import { useValueText } from '@/features/audit/valueText';
import { useFormats } from '@/i18n/format';
import { sentence } from '@/sentences';
import { Masked } from '@/ui/Masked';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { PageHeader } from '@/ui/PageHeader';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { isGone, RecordError } from '@/ui/RecordError';
import { Facts, Section } from '@/ui/Section';
import { recordPath, refresh, scheduledQuery } from './data';
import { ScheduledBadge, useDelayedLabel, useScheduledName } from './states';
import { TimeDialog } from './TimeDialog';

/** /delayed-saves/$id */
export default function DelayedPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t } = useTranslation();
  const name = useScheduledName();
  const change = useQuery(scheduledQuery(id));
  const back = { to: '/delayed-saves', label: t('schedule.title') };
  if (change.error && (!change.data || isGone(change.error)))
    return (
      <RecordError
        error={change.error}
        title={t('schedule.one')}
        back={back}
        onRetry={() => void change.refetch()}
      />
    );
  if (!change.data) return <FormSkeleton rows={3} />;
  const c = change.data;
  return (
    <Stack gap="md" maw="var(--td-content-max)">
      <PageHeader
        title={t('schedule.heading', { op: t(`schedule.op.${c.op}`), name: name(c) })}
        back={back}
        meta={<ScheduledBadge state={c.state} />}
        actions={c.may_manage && c.state === 'pending' && <Actions change={c} />}
      />
      {c.state === 'conflicted' && <Conflict change={c} />}
      <Difference change={c} />
      <Story change={c} />
    </Stack>
  );
}

/** Puts what the server answered into the page. */
function useDeed(change: ScheduledChange, run: () => Promise<ScheduledChange>, then?: () => void) {
  return useMutation({
    mutationFn: run,
    onSettled: () => refresh(change.resource),
    onSuccess: () => then?.(),
  });
}

function Actions({ change }: { change: ScheduledChange }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState<'run' | 'cancel' | 'time' | null>(null);
  const close = () => setAsking(null);
  const path = `/scheduled-changes/${change.id}`;
  const run = useDeed(change, () => api.post<ScheduledChange>(`${path}/run`), close);
  const cancel = useDeed(change, () => api.delete<ScheduledChange>(path, { version: change.version }), close);
  return (
    <>
      {!change.waits && (
        <Button variant="default" leftSection={<IconPlayerPlay size={16} />} onClick={() => setAsking('run')}>
          {t('schedule.runNow')}
        </Button>
      )}
      <Button variant="default" leftSection={<IconClockEdit size={16} />} onClick={() => setAsking('time')}>
        {t('schedule.changeTime')}
      </Button>
      <Button variant="default" leftSection={<IconTrash size={16} />} onClick={() => setAsking('cancel')}>
        {t('schedule.cancel')}
      </Button>
      <ConfirmDialog
        opened={asking === 'run'}
        title={t('schedule.runTitle')}
        text={t('schedule.runText', { name: change.requester })}
        confirm={t('schedule.runNow')}
        pending={run.isPending}
        error={run.error}
        onConfirm={() => run.mutate()}
        onClose={close}
      />
      <ConfirmDialog
        opened={asking === 'cancel'}
        danger
        title={t('schedule.cancelTitle')}
        text={
          change.pair && change.pair_role === 'first' ? t('schedule.cancelPair') : t('schedule.cancelText')
        }
        confirm={t('schedule.cancel')}
        cancel={t('action.back')}
        pending={cancel.isPending}
        error={cancel.error}
        onConfirm={() => cancel.mutate()}
        onClose={close}
      />
      {asking === 'time' && <TimeDialog change={change} onClose={close} />}
    </>
  );
}

/** Both values stand in the table below; here is what can be done. */
function Conflict({ change }: { change: ScheduledChange }) {
  const { t } = useTranslation();
  const decide = (action: 'apply' | 'drop') => () =>
    api.post<ScheduledChange>(`/scheduled-changes/${change.id}/resolve`, { action });
  const apply = useDeed(change, decide('apply'));
  const drop = useDeed(change, decide('drop'));
  return (
    <Section title={t('schedule.conflictTitle')} text={t('schedule.conflictText')}>
      <Stack gap="sm" align="flex-start">
        {change.may_manage && (
          <Button.Group>
            <Button onClick={() => apply.mutate()} loading={apply.isPending} disabled={drop.isPending}>
              {t('schedule.applyAnyway')}
            </Button>
            <Button
              variant="default"
              onClick={() => drop.mutate()}
              loading={drop.isPending}
              disabled={apply.isPending}
            >
              {t('schedule.drop')}
            </Button>
          </Button.Group>
        )}
        <ProblemAlert error={apply.error ?? drop.error} />
      </Stack>
    </Section>
  );
}

function Difference({ change }: { change: ScheduledChange }) {
  const { t } = useTranslation();
  const label = useDelayedLabel(change.resource);
  const show = useValueText();
  // Who has roles has the first of them: one line says it.
  const rows = change.diff ?? [];
  const over = change.state !== 'pending' && change.state !== 'conflicted';
  const text = (field: string, value: unknown) =>
    show(field, value) || <span className="muted">{t('state.empty')}</span>;
  return (
    <Section title={t('schedule.difference')} text={over ? t('schedule.differenceThen') : undefined} flush>
      {rows.length === 0 ? (
        <Text p="md">{t(`schedule.nothing.${change.op}`)}</Text>
      ) : (
        <div style={{ overflowX: 'auto' }} role="group" tabIndex={0} aria-label={t('schedule.difference')}>
          <Table aria-label={t('schedule.difference')}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('audit.field')}</Table.Th>
                {!over && change.op !== 'create' && <Table.Th>{t('schedule.asked')}</Table.Th>}
                {change.op !== 'create' && (
                  <Table.Th>{over ? t('schedule.asked') : t('schedule.nowValue')}</Table.Th>
                )}
                <Table.Th>{t('schedule.then')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((d) => (
                <Table.Tr key={d.field} data-conflict={d.conflict || undefined}>
                  <Table.Th scope="row">{label(d.field)}</Table.Th>
                  {!over && change.op !== 'create' && (
                    <Table.Td>{d.masked ? <Masked /> : text(d.field, d.asked)}</Table.Td>
                  )}
                  {change.op !== 'create' && (
                    <Table.Td>
                      {d.masked ? (
                        <Masked />
                      ) : d.conflict ? (
                        <strong>{text(d.field, d.now)}</strong>
                      ) : (
                        text(d.field, d.now)
                      )}
                    </Table.Td>
                  )}
                  <Table.Td>{d.masked ? <Masked /> : text(d.field, d.then)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </Section>
  );
}

function Story({ change }: { change: ScheduledChange }) {
  const { t } = useTranslation();
  const f = useFormats();
  const label = useDelayedLabel(change.resource);
  const record = recordPath(change);
  const items = [
    { label: t('schedule.applyAt'), value: f.exact(change.apply_at) },
    { label: t('schedule.requester'), value: change.requester },
    { label: t('schedule.askedAt'), value: f.exact(change.created_at) },
  ];
  if (change.comment) items.push({ label: t('form.comment'), value: change.comment });
  if (change.applied_at) {
    items.push({ label: t('schedule.appliedAt'), value: f.exact(change.applied_at) });
    items.push({ label: t('schedule.appliedBy'), value: change.applied_by });
  }
  if (change.hidden?.length) {
    items.push({ label: t('schedule.hidden'), value: f.list(change.hidden.map(label)) });
  }
  if (change.reason) {
    items.push({ label: t('schedule.reason'), value: sentence(change.reason_code, change.reason) });
  }
  return (
    <Section title={t('schedule.story')}>
      <Facts items={items} />
      {record && (
        <Anchor component={Link} to={record} display="block" mt="sm">
          {t('schedule.openRecord')}
        </Anchor>
      )}
      {change.pair && (
        <Anchor component={Link} to={`/delayed-saves/${change.pair}`} display="block" mt="sm">
          {t(change.pair_role === 'first' ? 'schedule.toBack' : 'schedule.toFirst')}
        </Anchor>
      )}
      {change.waits && <Text mt="sm">{t('schedule.waits')}</Text>}
    </Section>
  );
}
