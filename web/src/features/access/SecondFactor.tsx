import { Button, Group, Text } from '@mantine/core';
import { IconDeviceMobile } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { ListStates } from '@/ui/ListStates';
import { Section } from '@/ui/Section';
import { BeginApp } from './BeginApp';
import { changed, secondQuery } from './data';
import { ProveDialog } from './ProveDialog';

/** The authenticator app of whoever is signed in. */
export function SecondFactor() {
  const { t } = useTranslation();
  const second = useQuery(secondQuery);
  const [open, setOpen] = useState<'begin' | 'remove' | null>(null);
  const close = () => setOpen(null);
  const has = second.data?.app ?? false;
  return (
    <Section title={t('account.app')} text={t('account.appText')}>
      <ListStates query={second} isEmpty={false} empty={null}>
        <Group justify="space-between" gap="sm">
          <div>
            <Text>
              {has ? t('account.appSet', { count: second.data?.recovery_codes ?? 0 }) : t('account.appNone')}
            </Text>
            {second.data?.required && (
              <Text size="sm" c="dimmed">
                {t('account.secondRequired')}
              </Text>
            )}
          </div>
          <Button
            variant="default"
            leftSection={<IconDeviceMobile size={16} />}
            onClick={() => setOpen(has ? 'remove' : 'begin')}
          >
            {has ? t('account.appRemove') : t('account.appBegin')}
          </Button>
        </Group>
      </ListStates>
      {open === 'begin' && <BeginApp onClose={close} />}
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
    </Section>
  );
}
