import { Select, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import { settingsQuery } from '@/api/settings';
import type { Group } from '@/api/types';
import { queryClient } from '@/app/query';
import { usePermission } from '@/app/session';
import { CommentBox } from '@/form/CommentBox';
import { DelayButton } from '@/features/schedule/DelayButton';
import { RecordDialog } from '@/ui/RecordDialog';
import { typeChoices } from './data';

interface Props {
  group?: Group;
  onClose: () => void;
  onSaved?: (group: Group) => void;
}

/** Creates or renames a group. */
export function GroupDialog({ group, onClose, onSaved }: Props) {
  const { t } = useTranslation();
  const mayRead = usePermission('setting.read');
  const settings = useQuery({ ...settingsQuery, enabled: mayRead });
  const [name, setName] = useState(group?.name ?? '');
  const [type, setType] = useState(group?.type ?? 'client');
  const [description, setDescription] = useState(group?.description ?? '');
  const [comment, setComment] = useState('');
  const body = { name: name.trim(), type, description: description.trim() };
  const save = useMutation({
    mutationFn: () => {
      return group
        ? api.patch<Group>(`/groups/${group.id}`, body, { version: group.version, comment })
        : api.post<Group>('/groups', body, { comment });
    },
    onSuccess: (saved) => {
      queryClient.setQueryData(['groups', 'one', saved.id], saved);
      void queryClient.invalidateQueries({ queryKey: ['groups'] });
      // Customers carry the group's name.
      if (group) void queryClient.invalidateQueries({ queryKey: ['customers'] });
      onClose();
      onSaved?.(saved);
    },
    onError: (error) => {
      if (isApiError(error) && error.status === 412)
        void queryClient.invalidateQueries({ queryKey: ['groups'] });
    },
  });
  const wrong = (field: string) =>
    isApiError(save.error) ? save.error.fields.find((f) => f.field === field)?.message : undefined;
  const choices = typeChoices(t, settings.data?.group_types);
  if (group && !choices.some((c) => c.value === group.type)) {
    choices.push({ value: group.type, label: group.type });
  }
  return (
    <RecordDialog
      title={group ? t('group.editTitle', { name: group.name }) : t('group.newTitle')}
      submit={group ? t('action.save') : t('group.create')}
      error={save.error}
      shown={['name', 'type', 'description']}
      pending={save.isPending}
      onSubmit={() => save.mutate()}
      onClose={onClose}
      extra={
        <DelayButton
          title={group ? t('group.editTitle', { name: group.name }) : t('group.newTitle')}
          build={() => ({
            method: group ? 'PATCH' : 'POST',
            path: group ? `/groups/${group.id}` : '/groups',
            resource: 'groups',
            body,
            version: group?.version,
            comment,
          })}
          onDone={onClose}
        />
      }
    >
      <TextInput
        label={t('field.name')}
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
        error={wrong('name')}
        data-autofocus
      />
      <Select
        label={t('group.type')}
        data={choices}
        value={type}
        onChange={(v) => setType(v ?? 'other')}
        allowDeselect={false}
        error={wrong('type')}
        comboboxProps={{ shadow: 'md' }}
      />
      <Textarea
        label={t('field.description')}
        value={description}
        onChange={(e) => setDescription(e.currentTarget.value)}
        error={wrong('description')}
        autosize
        minRows={2}
      />
      <CommentBox value={comment} onChange={setComment} />
    </RecordDialog>
  );
}
