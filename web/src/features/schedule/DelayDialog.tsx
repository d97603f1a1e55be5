import { Button, Checkbox, Group, Modal, Stack, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError, newKey, request, type RequestOptions } from '@/api/client';
import type { ScheduledChange } from '@/api/types';
import { useFormats } from '@/i18n/format';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { headerOf, refresh, type Moment } from './data';
import { MomentInput } from './MomentInput';

/** A save as it would be sent now. */
export interface DelayedRequest extends RequestOptions {
  method: 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  path: string;
  /** Table whose lists follow, such as customers. */
  resource: string;
}

interface Props {
  title: string;
  request: DelayedRequest;
  /** What will change, in words. */
  preview?: ReactNode;
  onClose: () => void;
  /** It is kept for later; with "at once, and back" it was also done now. */
  onDone: (kept: 'later' | 'now') => void;
  /** The form may show what is wrong with its fields. */
  onRefused?: (error: Error) => void;
}

/** When a save is to be applied, and whether it is to be taken back again. */
export function DelayDialog({ title, request: save, preview, onClose, onDone, onRefused }: Props) {
  const { t } = useTranslation();
  const f = useFormats();
  const revertible = save.method === 'PATCH' || save.method === 'PUT';
  const [when, setWhen] = useState<Moment>({ choice: 'hour', at: '' });
  const [back, setBack] = useState<Moment>({ choice: 'hour', at: '' });
  const [wantsBack, setWantsBack] = useState(false);
  const [comment, setComment] = useState(save.comment ?? '');
  const key = useRef(newKey());
  const applyAt = headerOf(when, new Date());
  const revertAt = wantsBack ? headerOf(back, new Date(), when.choice === 'hour' ? 2 : 1) : undefined;
  const keep = useMutation({
    mutationFn: () =>
      request<ScheduledChange>(save.path, {
        ...save,
        comment,
        idempotencyKey: key.current,
        applyAt: applyAt ?? undefined,
        revertAt: revertAt ?? undefined,
      }),
    onSuccess: (kept) => {
      refresh(save.resource);
      notifications.show({
        message:
          applyAt === undefined
            ? t('schedule.doneNow')
            : t('schedule.kept', { when: f.instant(kept.apply_at) }),
      });
      onDone(applyAt === undefined ? 'now' : 'later');
    },
    onError: (error) => {
      key.current = newKey();
      onRefused?.(error);
    },
  });
  const wrong = (name: string) =>
    isApiError(keep.error) ? keep.error.fields.find((x) => x.field === name)?.message : undefined;
  const open = applyAt === null || revertAt === null || (applyAt === undefined && !revertAt);
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size={520}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Stack gap="md">
        {preview}
        <MomentInput
          label={t('schedule.when')}
          value={when}
          onChange={(m) => {
            setWhen(m);
            if (m.choice === 'now') setWantsBack(true);
          }}
          now={revertible}
          error={wrong('Tandem-Apply-At')}
        />
        {revertible && (
          <Checkbox
            label={t('schedule.back')}
            description={t('schedule.backHint')}
            checked={wantsBack}
            disabled={when.choice === 'now'}
            onChange={(e) => setWantsBack(e.currentTarget.checked)}
          />
        )}
        {wantsBack && (
          <MomentInput
            label={t('schedule.backWhen')}
            value={back}
            onChange={setBack}
            hour={when.choice === 'hour' ? t('schedule.inTwoHours') : t('schedule.inAnHour')}
            error={wrong('Tandem-Revert-At')}
          />
        )}
        <Textarea
          label={t('form.comment')}
          description={t('form.commentHint')}
          value={comment}
          onChange={(e) => setComment(e.currentTarget.value)}
          autosize
          minRows={1}
        />
        <ProblemAlert error={keep.error} shown={['Tandem-Apply-At', 'Tandem-Revert-At']} />
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button onClick={() => keep.mutate()} loading={keep.isPending} disabled={open}>
            {t('schedule.delayAndSave')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
