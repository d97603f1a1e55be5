import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

interface Props {
  title: string;
  text: string;
  label: string;
  secret: string;
  onClose: () => void;
}

/** Something shown once. It closes only by its button: a stray click must not lose it. */
export function SecretDialog({ title, text, label, secret, onClose }: Props) {
  const { t } = useTranslation();
  const clipboard = useClipboard({ timeout: 2000 });
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size={560}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      <Stack gap="md">
        <Text>{text}</Text>
        <Group gap={8} align="flex-end" wrap="nowrap">
          <TextInput
            flex={1}
            label={label}
            value={secret}
            readOnly
            onFocus={(e) => e.currentTarget.select()}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          />
          <Button
            variant="default"
            data-autofocus
            leftSection={clipboard.copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            onClick={() => clipboard.copy(secret)}
          >
            {clipboard.copied ? t('action.copied') : t('action.copy')}
          </Button>
        </Group>
        <Group justify="flex-end">
          <Button onClick={onClose}>{t('secret.done')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
