import { Button, Group, PasswordInput, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import { ProblemAlert } from '@/ui/ProblemAlert';

interface Props {
  onDone: () => void | Promise<void>;
  /** In a dialog: gives the buttons their places there. */
  onCancel?: () => void;
  focus?: boolean;
}

/** Changes the own password. The session goes on; every other one ends. */
export function PasswordForm({ onDone, onCancel, focus }: Props) {
  const { t } = useTranslation();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [differs, setDiffers] = useState(false);
  const save = useMutation({
    mutationFn: () => api.post('/session/password', { current, new: next }),
    onSuccess: async () => {
      setCurrent('');
      setNext('');
      setAgain('');
      await onDone();
    },
  });
  const wrong = (field: string) =>
    isApiError(save.error) ? save.error.fields.find((f) => f.field === field)?.message : undefined;
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        setDiffers(next !== again);
        if (next === again) save.mutate();
      }}
    >
      <Stack gap="sm" maw={onCancel ? undefined : 420}>
        <ProblemAlert error={save.error} shown={['current', 'new']} />
        <PasswordInput
          label={t('user.currentPassword')}
          value={current}
          onChange={(e) => setCurrent(e.currentTarget.value)}
          error={wrong('current')}
          autoComplete="current-password"
          autoFocus={focus}
          data-autofocus={focus || undefined}
          required
          withAsterisk={false}
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
        <Group justify={onCancel ? 'flex-end' : 'flex-start'} mt={onCancel ? 'xs' : 0}>
          {onCancel && (
            <Button variant="default" onClick={onCancel}>
              {t('action.cancel')}
            </Button>
          )}
          <Button type="submit" loading={save.isPending}>
            {t('user.changePassword')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
