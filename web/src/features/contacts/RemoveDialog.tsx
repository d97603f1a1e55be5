import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Contact } from '@/api/types';
import { DelayButton } from '@/features/schedule/DelayButton';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { forget } from './model';

interface Props {
  contact: Contact;
  onClose: () => void;
  onRemoved?: () => Promise<void>;
}

export function RemoveDialog({ contact, onClose, onRemoved }: Props) {
  const { t } = useTranslation();
  const remove = useMutation({
    mutationFn: () => api.delete(`/contacts/${contact.id}`, { version: contact.version }),
    onSuccess: async () => {
      notifications.show({ message: t('contact.removed', { name: contact.name }) });
      onClose();
      await onRemoved?.();
      forget();
    },
    onError: forget,
  });
  return (
    <ConfirmDialog
      opened
      danger
      title={t('contact.removeTitle', { name: contact.name })}
      text={t('contact.removeText')}
      confirm={t('contact.remove')}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
      extra={
        <DelayButton
          title={t('contact.removeTitle', { name: contact.name })}
          build={() => ({
            method: 'DELETE',
            path: `/contacts/${contact.id}`,
            resource: 'contacts',
            version: contact.version,
          })}
          onDone={onClose}
        />
      }
    />
  );
}
