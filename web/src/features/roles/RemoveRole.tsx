import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { RoleInfo } from '@/api/types';
import { queryClient } from '@/app/query';
import { DelayButton } from '@/features/schedule/DelayButton';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { rolesQuery } from './data';

interface Props {
  role: RoleInfo;
  onClose: () => void;
  onRemoved?: () => void;
}

/** Asks before a role goes; while somebody has it, says who. */
export function RemoveRole({ role, onClose, onRemoved }: Props) {
  const { t } = useTranslation();
  const remove = useMutation({
    mutationFn: () => api.delete(`/roles/${role.id}`, { version: role.version }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: rolesQuery.queryKey });
      onClose();
      onRemoved?.();
    },
  });
  return (
    <ConfirmDialog
      opened
      danger
      title={t('rolePage.removeTitle', { name: role.name })}
      text={t('rolePage.removeText')}
      confirm={t('action.delete')}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
      extra={
        <DelayButton
          title={t('rolePage.removeTitle', { name: role.name })}
          build={() => ({
            method: 'DELETE',
            path: `/roles/${role.id}`,
            resource: 'roles',
            version: role.version,
          })}
          onDone={onClose}
        />
      }
    />
  );
}
