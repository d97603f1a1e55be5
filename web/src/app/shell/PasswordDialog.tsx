import { Button, Group, Modal, PasswordInput, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import { ProblemAlert } from '@/ui/ProblemAlert';

export default function PasswordDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [differs, setDiffers] = useState(false);
  const save = useMutation({
    mutationFn: () => api.post('/session/password', { current, new: next }),
    onSuccess: () => {
      notifications.show({ message: t('user.passwordChanged') });
      onClose();
    },
  });
  const wrong = (field: string) =>
    isApiError(save.error) ? save.error.fields.find((f) => f.field === field)?.message : undefined;
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('user.password')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        onSubmit={(e) => {
          e.preventDefault();
          setDiffers(next !== again);
          if (next === again) save.mutate();
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={save.error} shown={['current', 'new']} />
          <PasswordInput
            label={t('user.currentPassword')}
            value={current}
            onChange={(e) => setCurrent(e.currentTarget.value)}
            error={wrong('current')}
            autoComplete="current-password"
            required
            withAsterisk={false}
            data-autofocus
          />
          <PasswordInput
            label={t('user.newPassword')}
            description={t('user.passwordHint')}
            value={next}
            onChange={(e) => setNext(e.currentTarget.value)}
            error={wrong('new')}
            autoComplete="new-password"
            required
            withAsterisk={false}
          />
          <PasswordInput
            label={t('user.passwordAgain')}
            value={again}
            onChange={(e) => setAgain(e.currentTarget.value)}
            error={differs ? t('user.passwordDiffers') : undefined}
            autoComplete="new-password"
            required
            withAsterisk={false}
          />
          <Group justify="flex-end" mt="xs">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {t('user.changePassword')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
