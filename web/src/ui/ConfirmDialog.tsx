import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from './ProblemAlert';

interface Props {
  opened: boolean;
  title: string;
  text?: ReactNode;
  children?: ReactNode;
  confirm: string;
  cancel?: string;
  danger?: boolean;
  pending?: boolean;
  disabled?: boolean;
  /** Shown inside, with what blocks and links to it. */
  error?: unknown;
  onConfirm: () => void;
  onClose: () => void;
  size?: number;
  /** Another way to do it, before Cancel. */
  extra?: ReactNode;
}

/** A question with two answers. Enter does not confirm what cannot be undone: the focus starts on Cancel. */
export function ConfirmDialog(props: Props) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      size={props.size ?? 460}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Stack gap="md">
        {props.text && <Text component="div">{props.text}</Text>}
        {props.children}
        <ProblemAlert error={props.error} />
        <Group justify="flex-end" gap={8}>
          {props.extra}
          <Button variant="default" onClick={props.onClose} data-autofocus={props.danger || undefined}>
            {props.cancel ?? t('action.cancel')}
          </Button>
          <Button
            color={props.danger ? 'danger' : undefined}
            onClick={props.onConfirm}
            loading={props.pending}
            disabled={props.disabled}
            data-autofocus={props.danger ? undefined : true}
          >
            {props.confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
