import { List, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import type { Job } from '@/api/types';
import type { components } from '@/api/schema';
import { queryClient } from '@/app/query';
import { useFormats } from '@/i18n/format';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { JobProgress } from '@/ui/JobProgress';
import { ProblemAlert } from '@/ui/ProblemAlert';

type Erasure = components['schemas']['ErasureBody'];

interface Props {
  /** The API's address of the record: /customers/cus_... */
  path: string;
  name: string;
  onClose: () => void;
}

/** Erases personal data for good: what goes is counted first, and what is meant has to be typed. */
export function EraseDialog({ path, name, onClose }: Props) {
  const { t } = useTranslation();
  const f = useFormats();
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const preview = useQuery({
    queryKey: ['erasure', path],
    queryFn: ({ signal }) => api.get<Erasure>(`${path}/erasure`, { signal }),
    gcTime: 0,
  });
  const erase = useMutation({
    mutationFn: () => api.post<Job>(`${path}/erasure`, { confirm: typed, reason }),
  });
  const wrong = (field: string) =>
    isApiError(erase.error) ? erase.error.fields.find((e) => e.field === field)?.message : undefined;
  const done = () => {
    void queryClient.invalidateQueries();
    onClose();
  };
  const data = preview.data;
  const same = !!data && typed.trim().toLowerCase() === data.confirm.toLowerCase();
  return (
    <ConfirmDialog
      opened
      danger
      size={560}
      title={t('erasure.title', { name })}
      confirm={erase.data ? t('action.close') : t('erasure.erase')}
      pending={erase.isPending}
      disabled={!erase.data && (!same || reason.trim() === '')}
      error={erase.error}
      onConfirm={erase.data ? done : () => erase.mutate()}
      onClose={erase.data ? done : onClose}
      text={t('erasure.text')}
    >
      {erase.data ? (
        <JobProgress jobId={erase.data.id} />
      ) : (
        <Stack gap="md">
          <ProblemAlert error={preview.error} />
          {data && data.counts.length > 0 && (
            <div>
              <Text fw={600}>{t('erasure.what')}</Text>
              <List size="sm" mt={4}>
                {data.counts.map((c) => (
                  <List.Item key={c.kind}>
                    {t(`erasure.kind.${c.kind}`, { defaultValue: c.kind })}: {f.number(c.rows)}
                  </List.Item>
                ))}
              </List>
            </div>
          )}
          {data?.last && (
            <Text c="dimmed" size="sm">
              {t('erasure.last', {
                who: data.last.by,
                when: f.exact(data.last.at),
                reason: data.last.reason,
              })}
            </Text>
          )}
          <TextInput
            label={t('erasure.confirm', { text: data?.confirm ?? '' })}
            value={typed}
            onChange={(e) => setTyped(e.currentTarget.value)}
            error={wrong('confirm')}
            autoComplete="off"
          />
          <Textarea
            label={t('erasure.reason')}
            description={t('erasure.reasonHint')}
            value={reason}
            onChange={(e) => setReason(e.currentTarget.value)}
            error={wrong('reason')}
            maxLength={200}
            autosize
            minRows={1}
            required
          />
        </Stack>
      )}
    </ConfirmDialog>
  );
}
