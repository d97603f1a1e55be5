import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Staff } from '@/api/types';
import { queryClient } from '@/app/query';
import { Links } from '@/features/providers/Links';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { ListStates } from '@/ui/ListStates';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { staffSessionsQuery } from './data';
import { SessionTable } from './SessionTable';

/** Where a staff user is signed in; signing them out, and taking lost second factors away. */
export function StaffSignIns({ staff, onClose }: { staff: Staff; onClose: () => void }) {
  const { t } = useTranslation();
  const sessions = useQuery(staffSessionsQuery(staff.id));
  const [resetting, setResetting] = useState(false);
  const again = () => queryClient.invalidateQueries({ queryKey: staffSessionsQuery(staff.id).queryKey });
  const end = useMutation({ mutationFn: () => api.delete(`/staff/${staff.id}/sessions`), onSettled: again });
  const reset = useMutation({
    mutationFn: () => api.delete(`/staff/${staff.id}/second-factor`),
    onSuccess: async () => {
      setResetting(false);
      notifications.show({ message: t('account.resetDone', { name: staff.name }) });
      await again();
    },
  });
  if (resetting) {
    return (
      <ConfirmDialog
        opened
        danger
        title={t('account.resetTitle', { name: staff.name })}
        text={t('account.resetText')}
        confirm={t('account.reset')}
        pending={reset.isPending}
        error={reset.error}
        onConfirm={() => reset.mutate()}
        onClose={() => setResetting(false)}
      />
    );
  }
  const rows = sessions.data ?? [];
  return (
    <Modal
      opened
      size={760}
      onClose={onClose}
      title={t('account.signInsOf', { name: staff.name })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Stack gap="sm">
        <ProblemAlert error={end.error} />
        <ListStates
          query={sessions}
          isEmpty={rows.length === 0}
          empty={<Text c="dimmed">{t('account.nowhere')}</Text>}
        >
          <SessionTable sessions={rows} />
        </ListStates>
        <Links staff={staff.id} />
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={() => setResetting(true)}>
            {t('account.reset')}
          </Button>
          {rows.length > 0 && (
            <Button color="red" loading={end.isPending} onClick={() => end.mutate()}>
              {t('account.endAll')}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
