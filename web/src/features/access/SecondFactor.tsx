import { Button, Group, Text } from '@mantine/core';
import { IconDeviceMobile } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { ListStates } from '@/ui/ListStates';
import { Section } from '@/ui/Section';
import { AppDialog } from './AppDialog';
import { changed, secondQuery, type AppKey } from './data';
import { ProveDialog } from './ProveDialog';

/** The authenticator app of whoever is signed in. */
export function SecondFactor() {
  const { t } = useTranslation();
  const second = useQuery(secondQuery);
  const [open, setOpen] = useState<'begin' | 'remove' | AppKey | null>(null);
  const close = () => setOpen(null);
  const has = second.data?.app ?? false;
  return (
    <Section title={t('account.app')} text={t('account.appText')}>
      <ListStates query={second} isEmpty={false} empty={null}>
        <Group justify="space-between" gap="sm">
          <Text>
            {has ? t('account.appSet', { count: second.data?.recovery_codes ?? 0 }) : t('account.appNone')}
          </Text>
          <Button
            variant="default"
            leftSection={<IconDeviceMobile size={16} />}
            onClick={() => setOpen(has ? 'remove' : 'begin')}
          >
            {has ? t('account.appRemove') : t('account.appBegin')}
          </Button>
        </Group>
      </ListStates>
      {open === 'begin' && (
        <ProveDialog
          title={t('account.appBegin')}
          text={t('account.prove')}
          submit={t('account.next')}
          run={(password) => api.post<AppKey>('/session/second-factor/app', { password })}
          onDone={setOpen}
          onClose={close}
        />
      )}
      {open === 'remove' && (
        <ProveDialog
          title={t('account.appRemove')}
          text={t('account.appRemoveText')}
          submit={t('account.appRemove')}
          run={(password) => api.post('/session/second-factor/app/remove', { password })}
          onDone={async () => {
            close();
            await changed();
          }}
          onClose={close}
        />
      )}
      {open !== null && typeof open === 'object' && <AppDialog appKey={open} onClose={close} />}
    </Section>
  );
}
