import { Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import type { ScheduledChange } from '@/api/types';
import { RecordDialog } from '@/ui/RecordDialog';
import { headerOf, localInput, refresh, type Moment } from './data';
import { MomentInput } from './MomentInput';

/** Another time for a delayed save, and another reason. */
export function TimeDialog({ change, onClose }: { change: ScheduledChange; onClose: () => void }) {
  const { t } = useTranslation();
  const [when, setWhen] = useState<Moment>({ choice: 'at', at: localInput(new Date(change.apply_at)) });
  const [comment, setComment] = useState(change.comment);
  const given = headerOf(when, new Date());
  const moved = when.choice !== 'at' || when.at !== localInput(new Date(change.apply_at));
  const save = useMutation({
    mutationFn: () =>
      api.patch<ScheduledChange>(
        `/scheduled-changes/${change.id}`,
        { comment, ...(moved && given ? { apply_at: given } : {}) },
        { version: change.version },
      ),
    onSuccess: onClose,
    onSettled: () => refresh(change.resource),
  });
  const wrong = (name: string) =>
    isApiError(save.error) ? save.error.fields.find((x) => x.field === name)?.message : undefined;
  return (
    <RecordDialog
      title={t('schedule.changeTime')}
      submit={t('action.save')}
      error={save.error}
      shown={['apply_at', 'comment']}
      pending={save.isPending}
      onSubmit={() => given && save.mutate()}
      onClose={onClose}
    >
      <MomentInput label={t('schedule.when')} value={when} onChange={setWhen} error={wrong('apply_at')} />
      <Textarea
        label={t('form.comment')}
        value={comment}
        onChange={(e) => setComment(e.currentTarget.value)}
        error={wrong('comment')}
        autosize
        minRows={1}
      />
    </RecordDialog>
  );
}
