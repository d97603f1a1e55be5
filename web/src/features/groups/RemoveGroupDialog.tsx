import { Radio, Select, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Group } from '@/api/types';
import { queryClient } from '@/app/query';
import { allGroupsQuery } from '@/form/pickers';
import { DelayButton } from '@/features/schedule/DelayButton';
import { ConfirmDialog } from '@/ui/ConfirmDialog';

type Way = '' | 'move' | 'none';

/** A used group goes only when it is said what becomes of its members. */
export function RemoveGroupDialog({ group, onClose }: { group: Group; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [way, setWay] = useState<Way>('');
  const [target, setTarget] = useState<string | null>(null);
  const groups = useQuery(allGroupsQuery);
  const used = group.members > 0;
  const reassign = way === 'move' ? target : way === 'none' ? 'none' : undefined;
  const remove = useMutation({
    mutationFn: () =>
      api.delete(`/groups/${group.id}`, { version: group.version, query: { reassign_to: reassign } }),
    onSuccess: async () => {
      notifications.show({ message: t('group.removed', { name: group.name }) });
      onClose();
      await navigate({ to: '/groups' });
      void queryClient.invalidateQueries({ queryKey: ['groups'] });
      void queryClient.invalidateQueries({ queryKey: ['customers'] });
    },
    onError: () => void queryClient.invalidateQueries({ queryKey: ['groups'] }),
  });
  const others = (groups.data ?? [])
    .filter((g) => g.id !== group.id)
    .map((g) => ({ value: g.id, label: g.name }));
  return (
    <ConfirmDialog
      opened
      danger
      title={t('group.removeTitle', { name: group.name })}
      text={used ? t('group.removeUsed', { count: group.members }) : t('group.removeUnused')}
      confirm={t('group.remove')}
      disabled={used && !reassign}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
      extra={
        !used && (
          <DelayButton
            title={t('group.removeTitle', { name: group.name })}
            build={() => ({
              method: 'DELETE',
              path: `/groups/${group.id}`,
              resource: 'groups',
              version: group.version,
            })}
            onDone={onClose}
          />
        )
      }
    >
      {used && (
        <Radio.Group label={t('group.members')} value={way} onChange={(v) => setWay(v as Way)}>
          <Stack gap={8} mt={6}>
            <Radio value="move" label={t('group.reassign')} disabled={others.length === 0} />
            {way === 'move' && (
              <Select
                ml={28}
                aria-label={t('group.reassignTo')}
                placeholder={t('group.reassignTo')}
                data={others}
                value={target}
                onChange={setTarget}
                searchable
                comboboxProps={{ shadow: 'md' }}
              />
            )}
            <Radio value="none" label={t('group.reassignNone')} />
          </Stack>
        </Radio.Group>
      )}
      {used && !reassign && <Text c="dimmed">{t('group.chooseFirst')}</Text>}
    </ConfirmDialog>
  );
}
