import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from './ProblemAlert';

interface Props {
  title: string;
  error?: unknown;
  /** Fields that show their own message. */
  shown: string[];
  pending: boolean;
  submit: string;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
  size?: number;
  /** Another way to do it, before Cancel. */
  extra?: ReactNode;
}

/** A small form in a dialog: its problem on top, Cancel and Save below. */
export function RecordDialog({
  title,
  error,
  shown,
  pending,
  submit,
  onSubmit,
  onClose,
  children,
  size,
  extra,
}: Props) {
  const { t } = useTranslation();
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size={size ?? 480}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          onSubmit();
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={error} shown={shown} />
          {children}
          <Group justify="flex-end" gap={8} mt="xs">
            {extra}
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={pending}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
