import { Button, Group, Modal, Radio, Stack, Text, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import type { Customer, CustomerStatus } from '@/api/types';
import { queryClient } from '@/app/query';
import { ChangesTable } from '@/features/schedule/ChangesTable';
import { DelayButton } from '@/features/schedule/DelayButton';
import { StatusBadge } from '@/ui/badges';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { transitions } from '../model';
import classes from './StatusDialog.module.css';

interface Props {
  customer: Customer;
  onClose: () => void;
}

/** Only the changes that the rules allow, each with its meaning, and a reason. */
export function StatusDialog({ customer, onClose }: Props) {
  const { t } = useTranslation();
  const [record, setRecord] = useState(customer);
  const [status, setStatus] = useState<CustomerStatus | ''>('');
  const [reason, setReason] = useState('');
  const save = useMutation({
    mutationFn: () =>
      api.patch<Customer>(
        `/customers/${record.id}`,
        { status, status_reason: reason.trim() },
        // The reason is the comment as well.
        { version: record.version, comment: reason.trim() },
      ),
    onSuccess: (saved) => {
      queryClient.setQueryData(['customers', 'one', saved.id], saved);
      void queryClient.invalidateQueries({ queryKey: ['customers'] });
      void queryClient.invalidateQueries({ queryKey: ['audit-entries'] });
      notifications.show({ message: t('customer.statusChanged', { status: t(`status.${saved.status}`) }) });
      onClose();
    },
    onError: (error) => {
      // Someone else was first: show what it is now, and let the person choose again.
      if (isApiError(error) && error.status === 412 && error.current) {
        setRecord(error.current as Customer);
        setStatus('');
      }
    },
  });
  const wrong = (field: string) =>
    isApiError(save.error) ? save.error.fields.find((f) => f.field === field)?.message : undefined;
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('customer.changeStatus')}
      size={480}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        onSubmit={(e) => {
          e.preventDefault();
          if (status) save.mutate();
        }}
      >
        <Stack gap="md">
          <Group gap={8}>
            <Text c="dimmed">{t('customer.statusNow')}</Text>
            <StatusBadge status={record.status} />
            {record.status_reason && <Text c="dimmed">{record.status_reason}</Text>}
          </Group>
          <ProblemAlert error={save.error} shown={['status', 'status_reason']} />
          <Radio.Group
            label={t('customer.statusNew')}
            value={status}
            onChange={(v) => setStatus(v as CustomerStatus)}
            error={wrong('status')}
          >
            <Stack gap={6} mt={6}>
              {(record.status_next ?? transitions[record.status]).map((s) => (
                <Radio.Card key={s} value={s} className={classes.card}>
                  <Group wrap="nowrap" gap={10} align="flex-start">
                    <Radio.Indicator mt={2} />
                    <div>
                      <StatusBadge status={s} plain />
                      <Text size="xs" c="dimmed">
                        {t(`statusMeaning.${s}`)}
                      </Text>
                    </div>
                  </Group>
                </Radio.Card>
              ))}
            </Stack>
          </Radio.Group>
          <Textarea
            label={t('customer.reason')}
            description={t('customer.reasonHint')}
            value={reason}
            onChange={(e) => setReason(e.currentTarget.value)}
            error={wrong('status_reason')}
            autosize
            minRows={2}
          />
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <DelayButton
              title={t('customer.changeStatus')}
              disabled={!status || reason.trim() === ''}
              preview={
                status && (
                  <ChangesTable
                    changes={[
                      {
                        label: t('field.status'),
                        from: t(`status.${record.status}`),
                        to: t(`status.${status}`),
                      },
                      { label: t('field.status_reason'), from: record.status_reason, to: reason.trim() },
                    ]}
                  />
                )
              }
              build={() => ({
                method: 'PATCH',
                path: `/customers/${record.id}`,
                resource: 'customers',
                body: { status, status_reason: reason.trim() },
                version: record.version,
              })}
              onDone={onClose}
            />
            <Button type="submit" disabled={!status || reason.trim() === ''} loading={save.isPending}>
              {t('customer.changeStatus')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
