import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Trans, useTranslation } from 'react-i18next';
import { api, download } from '@/api/client';
import type { AuditHead } from '@/api/types';
import { useFormats } from '@/i18n/format';
import { LoadError } from '@/ui/LoadError';
import { saveBlob } from '@/ui/saveBlob';
import { Facts } from '@/ui/Section';
import { RowsSkeleton } from '@/ui/FormSkeleton';

/** What proves later that nobody changed the log: its head, alone or with everything before it. */
export function ProofDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const head = useQuery({
    queryKey: ['audit-entries', 'head'],
    queryFn: ({ signal }) => api.get<AuditHead>('/audit-entries/head', { signal }),
    gcTime: 0,
  });
  const save = (h: AuditHead) =>
    saveBlob(
      new Blob([JSON.stringify(h, null, 2) + '\n'], { type: 'application/json' }),
      `audit-head-${h.seq}.json`,
    );
  return (
    <Modal
      opened
      onClose={onClose}
      size={560}
      title={t('audit.proofTitle')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Stack gap="md">
        <Text>{t('audit.proofText')}</Text>
        {head.isPending && <RowsSkeleton rows={2} height={40} />}
        {head.error && <LoadError error={head.error} onRetry={() => void head.refetch()} />}
        {head.data && (
          <>
            <Facts
              items={[
                { label: t('audit.proofEntries'), value: f.number(head.data.entries) },
                { label: t('audit.proofRetired'), value: f.number(head.data.retired) },
                {
                  label: t('audit.proofHash'),
                  value: (
                    <span className="mono" style={{ overflowWrap: 'anywhere' }}>
                      {head.data.hash}
                    </span>
                  ),
                  wide: true,
                },
              ]}
            />
            <Text size="sm" c="dimmed">
              <Trans
                i18nKey="audit.proofHow"
                values={{ command: 'tandem audit verify FILE' }}
                components={{ code: <code className="mono" /> }}
              />
            </Text>
            <Group gap={8} justify="flex-end">
              <Button variant="default" onClick={() => download('/audit-entries/proof')}>
                {t('audit.proofWhole')}
              </Button>
              <Button leftSection={<IconDownload size={16} />} onClick={() => save(head.data)}>
                {t('audit.proofHead')}
              </Button>
            </Group>
          </>
        )}
      </Stack>
    </Modal>
  );
}
