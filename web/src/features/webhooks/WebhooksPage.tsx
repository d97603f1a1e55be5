import { Button } from '@mantine/core';
import { IconPlus, IconWebhook } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePermission } from '@/app/session';
import { GridMessage, ListPage, type CellRenderers, type GridRow } from '@/grid';
import { SecretDialog } from '@/ui/SecretDialog';
import type { NewWebhook, Webhook } from './data';
import { WebhookBadge } from './WebhookBadge';
import { WebhookDialog } from './WebhookDialog';

type Row = Webhook & GridRow;

export default function WebhooksPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayWrite = usePermission('webhook.write');
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<NewWebhook | null>(null);
  const renderers = useMemo<CellRenderers<Row>>(
    () => ({ state: (w) => <WebhookBadge webhook={w} plain /> }),
    [],
  );
  const add = mayWrite && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      {t('webhooks.add')}
    </Button>
  );
  return (
    <ListPage<Row>
      target="webhooks"
      title={t('webhooks.title')}
      text={t('webhooks.text')}
      pinned={['url']}
      selectable={false}
      renderers={renderers}
      rowHref={(w) => `/settings/webhooks/${w.id}`}
      rowLabel={(w) => w.description || w.url}
      actions={() => add}
      empty={
        <GridMessage
          icon={IconWebhook}
          title={t('webhooks.empty')}
          text={t('webhooks.emptyText')}
          action={add || undefined}
        />
      }
    >
      {() => (
        <>
          {adding && (
            <WebhookDialog
              onClose={() => setAdding(false)}
              onSaved={(w) => {
                setAdding(false);
                setMade(w);
              }}
            />
          )}
          {made?.secret && (
            <SecretDialog
              title={t('webhooks.secretTitle')}
              text={t('webhooks.secretText')}
              label={t('webhooks.secret')}
              secret={made.secret}
              onClose={() => {
                setMade(null);
                void navigate({ to: `/settings/webhooks/${made.id}` });
              }}
            />
          )}
        </>
      )}
    </ListPage>
  );
}
