import { Anchor, Button, Stack, Text } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { queryClient } from '@/app/query';
import { useCan } from '@/app/session';
import { useFormats } from '@/i18n/format';
import { CopyText } from '@/ui/CopyText';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { PageHeader } from '@/ui/PageHeader';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { isGone, RecordError } from '@/ui/RecordError';
import { Facts, Section } from '@/ui/Section';
import { deliveryQuery, eventName, isOpen, type Attempt, type WholeDelivery } from './data';
import { DeliveryBadge } from './WebhookBadge';
import classes from './webhooks.module.css';

export default function DeliveryPage() {
  const { webhookId, deliveryId } = useParams({ strict: false }) as { webhookId: string; deliveryId: string };
  const { t } = useTranslation();
  const can = useCan();
  const delivery = useQuery(deliveryQuery(deliveryId));
  const resend = useMutation({
    mutationFn: () => api.post(`/deliveries/${deliveryId}/resend`),
    onSettled: () => {
      void queryClient.invalidateQueries({ queryKey: ['deliveries'] });
      void queryClient.invalidateQueries({ queryKey: ['webhooks'] });
    },
  });
  const back = { to: `/settings/webhooks/${webhookId}`, label: t('webhooks.one') };
  if (delivery.error && (!delivery.data || isGone(delivery.error)))
    return (
      <RecordError
        error={delivery.error}
        title={t('webhooks.delivery')}
        back={back}
        onRetry={() => void delivery.refetch()}
      />
    );
  if (!delivery.data) return <FormSkeleton rows={4} />;
  const d = delivery.data;
  return (
    <Stack gap="md" maw="var(--td-content-max)">
      <PageHeader
        title={eventName(t, d.type)}
        back={back}
        meta={<DeliveryBadge state={d.state} />}
        actions={
          can('webhook.write') &&
          !isOpen(d) && (
            <Button
              variant="default"
              leftSection={<IconSend size={16} />}
              loading={resend.isPending}
              onClick={() => resend.mutate()}
            >
              {t('webhooks.resend')}
            </Button>
          )
        }
      />
      <ProblemAlert error={resend.error} />
      <DeliveryFacts delivery={d} />
      <Section title={t('webhooks.sent')} text={t('webhooks.sentText')}>
        {d.body ? (
          <pre className={classes.text}>{pretty(d.body)}</pre>
        ) : (
          <Text c="dimmed">{t('webhooks.notKept')}</Text>
        )}
      </Section>
      {(d.log ?? []).length === 0 && (
        <Section title={t('webhooks.attempts')}>
          <Text c="dimmed">{t('webhooks.noAttempts')}</Text>
        </Section>
      )}
      {(d.log ?? []).map((a) => (
        <AttemptSection key={a.number} attempt={a} />
      ))}
    </Stack>
  );
}

/** JSON with its lines; anything else as it is. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

const rowHref: Record<string, (id: string) => string> = {
  customers: (id) => `/customers/${id}`,
  contacts: (id) => `/contacts/${id}`,
  groups: (id) => `/groups/${id}`,
  jobs: (id) => `/jobs/${id}`,
};

function DeliveryFacts({ delivery: d }: { delivery: WholeDelivery }) {
  const { t } = useTranslation();
  const f = useFormats();
  const href = rowHref[d.resource]?.(d.row_id);
  return (
    <Section title={t('webhooks.facts')}>
      <Facts
        items={[
          { label: t('webhooks.eventId'), value: <CopyText value={d.event} name={t('webhooks.eventId')} /> },
          { label: t('webhooks.type'), value: <span className="mono">{d.type}</span> },
          ...(href
            ? [
                {
                  label: t('webhooks.row'),
                  value: (
                    <Anchor component={Link} to={href} className="mono">
                      {d.row_id}
                    </Anchor>
                  ),
                },
              ]
            : []),
          { label: t('webhooks.created'), value: f.exact(d.created_at) },
          ...(d.finished_at ? [{ label: t('webhooks.finished'), value: f.exact(d.finished_at) }] : []),
          ...(d.next_attempt_at
            ? [{ label: t('webhooks.nextAttempt'), value: f.exact(d.next_attempt_at) }]
            : []),
          ...(d.last_error ? [{ label: t('webhooks.lastError'), value: d.last_error, wide: true }] : []),
        ]}
      />
    </Section>
  );
}

function AttemptSection({ attempt: a }: { attempt: Attempt }) {
  const { t } = useTranslation();
  const f = useFormats();
  return (
    <Section title={t('webhooks.attempt', { n: f.number(a.number) })} text={a.error || undefined}>
      <Stack gap="sm">
        <Facts
          items={[
            { label: t('webhooks.at'), value: f.exact(a.at) },
            { label: t('webhooks.answer'), value: <span className="num">{a.status || '–'}</span> },
            {
              label: t('webhooks.took'),
              value: (
                <span className="num">{t('webhooks.milliseconds', { n: f.number(a.milliseconds) })}</span>
              ),
            },
          ]}
        />
        <Block title={t('webhooks.requestHeaders')} text={headers(a.request_headers)} />
        {a.status > 0 && (
          <>
            <Block title={t('webhooks.responseHeaders')} text={headers(a.response_headers)} />
            <Block
              title={t('webhooks.responseBody')}
              text={a.response_body ? pretty(a.response_body) : t('webhooks.nothing')}
              note={a.response_cut ? t('webhooks.cut') : undefined}
            />
          </>
        )}
      </Stack>
    </Section>
  );
}

const headers = (all: Record<string, string> | null | undefined) =>
  Object.entries(all ?? {})
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');

function Block({ title, text, note }: { title: string; text: string; note?: string }) {
  return (
    <details className={classes.block}>
      <summary>{title}</summary>
      <pre className={classes.text}>{text}</pre>
      {note && (
        <Text size="sm" c="dimmed" mt={4}>
          {note}
        </Text>
      )}
    </details>
  );
}
