import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { setCommentAsker } from '@/api/client';

type Answer = (comment: string | null) => void;

/**
 * Where the operator asks for a comment with each change and a form gave none, this asks for it and the change goes on.
 * Whoever closes it changes nothing.
 */
export function WhyDialog() {
  const { t } = useTranslation();
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [text, setText] = useState('');
  useEffect(() => {
    setCommentAsker(
      () =>
        new Promise((resolve) => {
          setText('');
          setAnswer(() => resolve);
        }),
    );
    return () => setCommentAsker(null);
  }, []);
  const close = (comment: string | null) => {
    answer?.(comment);
    setAnswer(null);
  };
  return (
    <Modal
      opened={answer !== null}
      onClose={() => close(null)}
      title={t('form.whyTitle')}
      size={460}
      zIndex={350}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        onSubmit={(e) => {
          e.preventDefault();
          e.stopPropagation();
          if (text.trim()) close(text.trim());
        }}
      >
        <Stack gap="sm">
          <Text c="dimmed">{t('form.whyText')}</Text>
          <Textarea
            label={t('form.comment')}
            value={text}
            onChange={(e) => setText(e.currentTarget.value)}
            maxLength={1000}
            autosize
            minRows={2}
            required
            data-autofocus
          />
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={() => close(null)}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" disabled={!text.trim()}>
              {t('action.continue')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
