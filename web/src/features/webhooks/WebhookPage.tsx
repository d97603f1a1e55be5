import { Alert, Button, Menu, Stack, Text } from '@mantine/core';
import {
  IconAlertTriangle,
  IconDots,
  IconEdit,
  IconKey,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconSend,
  IconTrash,
  IconWebhook,
} from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { queryClient } from '@/app/query';
import { useCan } from '@/app/session';
import { HistoryLink } from '@/features/audit/HistoryLink';
import {
  GridMessage,
  ListPage,
  restSource,
  useFields,
  type CellRenderers,
  type FieldDef,
  type GridRow,
  type ListSource,
} from '@/grid';
import { useFilterText } from '@/grid/FilterChips';
import { readFilter } from '@/grid/model/filter';
import { nodeText } from '@/grid/model/filterText';
import { useFormats } from '@/i18n/format';
import { DelayButton } from '@/features/schedule/DelayButton';
import { PendingBanner } from '@/features/schedule/states';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { PageHeader } from '@/ui/PageHeader';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { isGone, RecordError } from '@/ui/RecordError';
import { SecretDialog } from '@/ui/SecretDialog';
import { Facts, Section } from '@/ui/Section';
import { eventName, patternName, webhookQuery, type Delivery, type NewWebhook, type Webhook } from './data';
import { DeliveryBadge, WebhookBadge } from './WebhookBadge';
import { WebhookDialog } from './WebhookDialog';

type Row = Delivery & GridRow;

const newestFirst = [{ field: 'created_at', desc: true }];
const customers = restSource('/customers', { rich: true });

export default function WebhookPage() {
  const { webhookId } = useParams({ strict: false }) as { webhookId: string };
  const { t } = useTranslation();
  const webhook = useQuery(webhookQuery(webhookId));
  const back = { to: '/settings/webhooks', label: t('webhooks.title') };
  if (webhook.error && (!webhook.data || isGone(webhook.error)))
    return (
      <RecordError
        error={webhook.error}
        title={t('webhooks.one')}
        back={back}
        onRetry={() => void webhook.refetch()}
      />
    );
  if (!webhook.data) return <FormSkeleton rows={4} />;
  const w = webhook.data;
  return (
    <Stack gap="md">
      <PageHeader
        title={w.description || w.url}
        back={back}
        meta={<WebhookBadge webhook={w} />}
        actions={
          <>
            <HistoryLink table="webhooks" id={w.id} name={w.description || w.url} />
            <Actions webhook={w} />
          </>
        }
      />
      <PendingBanner id={w.id} resource="webhooks" />
      <Trouble webhook={w} />
      <WebhookFacts webhook={w} />
      <Deliveries webhook={w} />
    </Stack>
  );
}

/** Why nothing goes out, or not everything. */
function Trouble({ webhook: w }: { webhook: Webhook }) {
  const { t } = useTranslation();
  const f = useFormats();
  if (w.state === 'disabled')
    return (
      <Alert
        variant="default"
        icon={<IconAlertTriangle size={18} />}
        title={t('webhooks.state.disabled')}
        styles={{
          root: { background: 'var(--td-bad-bg)', borderColor: 'var(--td-bad-line)' },
          title: { color: 'var(--td-bad-fg)' },
          icon: { color: 'var(--td-bad-fg)' },
        }}
      >
        {t(`webhooks.disabled.${w.disabled_reason ?? 'failures'}`)}
      </Alert>
    );
  if (w.state === 'active' && w.failing_since)
    return (
      <Alert
        color="yellow"
        icon={<IconAlertTriangle size={18} />}
        title={t('webhooks.failing')}
        styles={{ title: { color: 'var(--mantine-color-text)' } }}
      >
        {t('webhooks.failingText', { since: f.exact(w.failing_since) })}
      </Alert>
    );
  return null;
}

function WebhookFacts({ webhook: w }: { webhook: Webhook }) {
  const { t } = useTranslation();
  const f = useFormats();
  const { fields } = useFields('customers', customers);
  const byName = useMemo(() => new Map((fields ?? []).map((x) => [x.name, x])), [fields]);
  const filter = readFilter(w.filter);
  const old =
    w.old_secret_until && new Date(w.old_secret_until) > new Date() ? w.old_secret_until : undefined;
  return (
    <Section title={t('webhooks.facts')}>
      <Facts
        items={[
          { label: t('webhooks.url'), value: <span className="mono">{w.url}</span>, wide: true },
          {
            label: t('webhooks.events'),
            value: f.list(w.events.map((p) => patternName(t, p))),
            wide: true,
          },
          ...(filter
            ? [
                {
                  label: t('webhooks.filter'),
                  value: <FilterText filter={filter} byName={byName} locale={f.locale} />,
                  wide: true,
                },
              ]
            : []),
          { label: t('webhooks.waiting'), value: <span className="num">{f.number(w.waiting ?? 0)}</span> },
          { label: t('webhooks.failed'), value: <span className="num">{f.number(w.failed ?? 0)}</span> },
          { label: t('webhooks.created'), value: f.exact(w.created_at) },
          ...(old ? [{ label: t('webhooks.oldSecret'), value: f.exact(old) }] : []),
        ]}
      />
    </Section>
  );
}

function FilterText({
  filter,
  byName,
  locale,
}: {
  filter: NonNullable<ReturnType<typeof readFilter>>;
  byName: Map<string, FieldDef>;
  locale: string;
}) {
  const { t } = useTranslation();
  const tools = useFilterText(filter, byName, { locale, yes: t('state.yes'), no: t('state.no') });
  return <>{byName.size > 0 && nodeText(filter, byName, tools)}</>;
}

type Ask = 'edit' | 'pause' | 'roll' | 'remove' | 'resend';

function Actions({ webhook: w }: { webhook: Webhook }) {
  const { t } = useTranslation();
  const can = useCan();
  const navigate = useNavigate();
  const [ask, setAsk] = useState<Ask | null>(null);
  const [secret, setSecret] = useState<string>();
  const done = () => {
    setAsk(null);
    void queryClient.invalidateQueries({ queryKey: ['webhooks'] });
  };
  const test = useMutation({
    mutationFn: () => api.post<Delivery>(`/webhooks/${w.id}/test`),
    onSuccess: (d) => void navigate({ to: `/settings/webhooks/${w.id}/deliveries/${d.id}` }),
  });
  const turn = useMutation({
    mutationFn: (state: string) => api.patch<Webhook>(`/webhooks/${w.id}`, { state }, { version: w.version }),
    onSettled: done,
  });
  const roll = useMutation({
    mutationFn: () => api.post<NewWebhook>(`/webhooks/${w.id}/secret`),
    onSuccess: (rolled) => {
      done();
      setSecret(rolled.secret);
    },
  });
  const resend = useMutation({
    mutationFn: () => api.post(`/webhooks/${w.id}/resend`, {}),
    onSuccess: done,
  });
  const remove = useMutation({
    mutationFn: () => api.delete(`/webhooks/${w.id}`, { version: w.version }),
    onSuccess: () => {
      void navigate({ to: '/settings/webhooks' });
      void queryClient.invalidateQueries({ queryKey: ['webhooks'], refetchType: 'none' });
    },
  });
  if (!can('webhook.write')) return null;
  const close = () => setAsk(null);
  return (
    <>
      {w.state === 'active' ? (
        <Button
          variant="default"
          leftSection={<IconSend size={16} />}
          loading={test.isPending}
          onClick={() => test.mutate()}
        >
          {t('webhooks.test')}
        </Button>
      ) : (
        <Button
          leftSection={<IconPlayerPlay size={16} />}
          loading={turn.isPending}
          onClick={() => turn.mutate('active')}
        >
          {t('webhooks.activate')}
        </Button>
      )}
      <Button variant="default" leftSection={<IconEdit size={16} />} onClick={() => setAsk('edit')}>
        {t('action.edit')}
      </Button>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <Button variant="default" leftSection={<IconDots size={16} />}>
            {t('webhooks.more')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {w.state === 'active' && (
            <Menu.Item leftSection={<IconPlayerPause size={16} />} onClick={() => setAsk('pause')}>
              {t('webhooks.pause')}
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconRefresh size={16} />}
            disabled={!w.failed}
            onClick={() => setAsk('resend')}
          >
            {t('webhooks.resendFailed')}
          </Menu.Item>
          <Menu.Item leftSection={<IconKey size={16} />} onClick={() => setAsk('roll')}>
            {t('webhooks.roll')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="danger" leftSection={<IconTrash size={16} />} onClick={() => setAsk('remove')}>
            {t('webhooks.remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {ask === 'edit' && <WebhookDialog webhook={w} onClose={close} onSaved={done} />}
      <ConfirmDialog
        opened={ask === 'pause'}
        title={t('webhooks.pauseTitle')}
        text={t('webhooks.pauseText')}
        confirm={t('webhooks.pause')}
        pending={turn.isPending}
        error={turn.error}
        onConfirm={() => turn.mutate('paused')}
        onClose={close}
        extra={
          <DelayButton
            title={t('webhooks.pauseTitle')}
            build={() => ({
              method: 'PATCH',
              path: `/webhooks/${w.id}`,
              resource: 'webhooks',
              body: { state: 'paused' },
              version: w.version,
            })}
            onDone={close}
          />
        }
      />
      <ConfirmDialog
        opened={ask === 'resend'}
        title={t('webhooks.resendTitle')}
        text={t('webhooks.resendText', { count: w.failed ?? 0 })}
        confirm={t('webhooks.resend')}
        pending={resend.isPending}
        error={resend.error}
        onConfirm={() => resend.mutate()}
        onClose={close}
      />
      <ConfirmDialog
        opened={ask === 'roll'}
        title={t('webhooks.rollTitle')}
        text={t('webhooks.rollText')}
        confirm={t('webhooks.roll')}
        pending={roll.isPending}
        error={roll.error}
        onConfirm={() => roll.mutate()}
        onClose={close}
      />
      <ConfirmDialog
        opened={ask === 'remove'}
        danger
        title={t('webhooks.removeTitle')}
        text={t('webhooks.removeText')}
        confirm={t('webhooks.remove')}
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={close}
        extra={
          <DelayButton
            title={t('webhooks.removeTitle')}
            build={() => ({
              method: 'DELETE',
              path: `/webhooks/${w.id}`,
              resource: 'webhooks',
              version: w.version,
            })}
            onDone={close}
          />
        }
      />
      {secret && (
        <SecretDialog
          title={t('webhooks.newSecretTitle')}
          text={t('webhooks.newSecretText')}
          label={t('webhooks.secret')}
          secret={secret}
          onClose={() => setSecret(undefined)}
        />
      )}
      {test.error && <ProblemAlert error={test.error} />}
    </>
  );
}

function deliveriesOf(webhookId: string): ListSource<Row> {
  return {
    ...restSource<Row>(`/webhooks/${webhookId}/deliveries`, { csv: false }),
    fields: async (signal) =>
      (await api.get<{ fields: FieldDef[] }>('/deliveries/fields', { signal })).fields,
  };
}

function Deliveries({ webhook: w }: { webhook: Webhook }) {
  const { t } = useTranslation();
  const source = useMemo(() => deliveriesOf(w.id), [w.id]);
  const refine = useCallback(
    (field: FieldDef): FieldDef =>
      field.name === 'type'
        ? { ...field, choices: field.choices?.map((c) => ({ ...c, label: eventName(t, c.value) })) }
        : field,
    [t],
  );
  const renderers = useMemo<CellRenderers<Row>>(
    () => ({
      state: (d) => <DeliveryBadge state={d.state} plain />,
      status: (d) => <span className="num">{d.status || '–'}</span>,
    }),
    [],
  );
  return (
    <section aria-label={t('webhooks.deliveries')}>
      <Text component="h2" fw={600} mb={8}>
        {t('webhooks.deliveries')}
      </Text>
      <ListPage<Row>
        target="webhook_deliveries"
        title={t('webhooks.deliveries')}
        source={source}
        views={false}
        selectable={false}
        searchable={false}
        mayExport={false}
        pinned={['created_at']}
        defaultSort={newestFirst}
        refine={refine}
        renderers={renderers}
        rowHref={(d) => `/settings/webhooks/${w.id}/deliveries/${d.id}`}
        rowLabel={(d) => `${eventName(t, d.type)} ${d.row_id}`}
        embedded={{ height: 'max(420px, calc(100dvh - 420px))' }}
        empty={
          <GridMessage
            icon={IconWebhook}
            title={t('webhooks.noDeliveries')}
            text={t('webhooks.noDeliveriesText')}
          />
        }
      >
        {(list) => <Refresher of={`${w.waiting}/${w.failed}/${w.failing_since}`} refresh={list.refresh} />}
      </ListPage>
    </section>
  );
}

/** The list has no changes of its own in the event stream: it follows the counts of the webhook. */
function Refresher({ of, refresh }: { of: string; refresh: () => void }) {
  const seen = useRef(of);
  useEffect(() => {
    if (seen.current === of) return;
    seen.current = of;
    refresh();
  }, [of, refresh]);
  return null;
}
