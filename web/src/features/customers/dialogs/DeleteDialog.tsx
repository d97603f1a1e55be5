import { Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Customer } from '@/api/types';
import { lastList } from '@/app/lastList';
import { queryClient } from '@/app/query';
import { DelayButton } from '@/features/schedule/DelayButton';
import { ConfirmDialog } from '@/ui/ConfirmDialog';

/** Closes the customer; what blocks it is named with links. */
export function DeleteDialog({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [comment, setComment] = useState('');
  const remove = useMutation({
    mutationFn: () => api.delete(`/customers/${customer.id}`, { version: customer.version, comment }),
    onSuccess: async () => {
      notifications.show({ message: t('customer.deleted', { name: customer.name }) });
      onClose();
      await navigate({ to: lastList('/customers') });
      void queryClient.invalidateQueries({ queryKey: ['customers'] });
    },
    onError: () => void queryClient.invalidateQueries({ queryKey: ['customers', 'one'] }),
  });
  return (
    <ConfirmDialog
      opened
      danger
      title={t('customer.deleteTitle', { name: customer.name })}
      text={t('customer.deleteText')}
      confirm={t('action.delete')}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
      extra={
        <DelayButton
          title={t('customer.deleteTitle', { name: customer.name })}
          build={() => ({
            method: 'DELETE',
            path: `/customers/${customer.id}`,
            resource: 'customers',
            version: customer.version,
            comment,
          })}
          onDone={onClose}
        />
      }
    >
      <Textarea
        label={t('form.comment')}
        description={t('form.commentHint')}
        value={comment}
        onChange={(e) => setComment(e.currentTarget.value)}
        autosize
        minRows={1}
      />
    </ConfirmDialog>
  );
}
