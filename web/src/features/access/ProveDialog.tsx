import { PasswordInput, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '@/api/client';
import { RecordDialog } from '@/ui/RecordDialog';

interface Props<T> {
  title: string;
  text: string;
  submit: string;
  run: (password: string) => Promise<T>;
  onDone: (result: T) => void | Promise<void>;
  onClose: () => void;
}

/** Asks for the password before something about signing in is changed. */
export function ProveDialog<T>({ title, text, submit, run, onDone, onClose }: Props<T>) {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const prove = useMutation({ mutationFn: () => run(password), onSuccess: onDone });
  const wrong = isApiError(prove.error)
    ? prove.error.fields.find((f) => f.field === 'password')?.message
    : undefined;
  return (
    <RecordDialog
      title={title}
      submit={submit}
      error={prove.error}
      shown={['password']}
      pending={prove.isPending}
      onSubmit={() => prove.mutate()}
      onClose={onClose}
    >
      <Text c="dimmed">{text}</Text>
      <PasswordInput
        label={t('user.currentPassword')}
        autoComplete="current-password"
        value={password}
        onChange={(e) => setPassword(e.currentTarget.value)}
        error={wrong}
        data-autofocus
      />
    </RecordDialog>
  );
}
