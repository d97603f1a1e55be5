import { useEffect, useState } from 'react';
import { Button, Group, List, Loader, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Job } from '@/api/types';
import { JobProgress, type ListContext } from '@/grid';
import { useFormats } from '@/i18n/format';
import { sentence } from '@/sentences';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { scopeBody } from './BulkUpdate';
import type { CustomerRow } from './CustomersPage';

interface Preview {
  matching: number;
  will_change?: number;
  will_delete?: number;
  excluded?: { code: string; message: string; count: number; examples?: { id: string; name: string }[] }[];
}

/** Closes the chosen customers. First it says how many go, which stay and why. */
export function BulkDelete({ ctx, onClose }: { ctx: ListContext<CustomerRow>; onClose: () => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const [scope] = useState(() => scopeBody(ctx.scope()));
  const [names] = useState(() => ctx.selectedRows.slice(0, 3).map((c) => c.name || c.customer_id));
  const [comment, setComment] = useState('');
  const [jobId, setJobId] = useState<string>();
  const preview = useMutation({
    mutationFn: () => api.post<Preview>('/customers/bulk-delete', { ...scope, dry_run: true }),
  });
  const { mutate } = preview;
  useEffect(() => mutate(), [mutate]);
  const run = useMutation({
    mutationFn: () =>
      api.post<Job>('/customers/bulk-delete', { ...scope, comment: comment.trim() || undefined }),
    onSuccess: (job) => setJobId(job.id),
  });
  const go = preview.data
    ? (preview.data.will_delete ?? preview.data.will_change ?? preview.data.matching)
    : 0;
  const stay = preview.data?.excluded ?? [];
  return (
    <Modal
      opened
      size="lg"
      onClose={onClose}
      title={t('customerList.delete.title')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {jobId ? (
        <Stack gap="md">
          <JobProgress
            id={jobId}
            rows
            onFinished={() => {
              ctx.clearSelection();
              ctx.refresh();
            }}
          />
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('action.close')}</Button>
          </Group>
        </Stack>
      ) : (
        <Stack gap="md">
          {preview.isPending && <Loader size="sm" aria-label={t('state.loading')} />}
          {(preview.error ?? run.error) && <ProblemAlert error={preview.error ?? run.error} />}
          {preview.data && (
            <>
              <Text>
                {t('customerList.delete.text', { count: go, n: f.number(go) })}
                {names.length > 0 && ctx.selected <= 3 && <b> {f.list(names)}.</b>}
              </Text>
              {stay.length > 0 && (
                <div>
                  <Text fw={600}>{t('customerList.delete.stay')}</Text>
                  <List size="sm">
                    {stay.map((e) => (
                      <List.Item key={e.code}>
                        {t('customerList.bulk.excludedCount', { count: e.count, n: f.number(e.count) })}{' '}
                        {sentence(e.code, e.message)}
                        {e.examples?.length ? (
                          <span className="muted"> ({f.list(e.examples.map((x) => x.name))})</span>
                        ) : null}
                      </List.Item>
                    ))}
                  </List>
                </div>
              )}
              <TextInput
                size="xs"
                label={t('customerList.bulk.comment')}
                value={comment}
                onChange={(e) => setComment(e.target.value)}
                maxLength={500}
              />
            </>
          )}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose} data-autofocus>
              {t('action.cancel')}
            </Button>
            <Button
              color="red.9"
              disabled={!preview.data || go === 0}
              loading={run.isPending}
              onClick={() => run.mutate()}
            >
              {t('customerList.delete.run', { count: go, n: f.number(go) })}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
