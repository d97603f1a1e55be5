import { Modal } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { PasswordForm } from '@/features/access/PasswordForm';

export default function PasswordDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const done = () => {
    notifications.show({ message: t('user.passwordChanged') });
    onClose();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('user.password')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <PasswordForm focus onDone={done} onCancel={onClose} />
    </Modal>
  );
}
