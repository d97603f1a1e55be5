import { Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Contact } from '@/api/types';
import { usePermission } from '@/app/session';
import { problemText } from '@/ui/ProblemAlert';
import { isFixed } from './parts';

interface Props {
  contact: Contact;
  address: 'email' | 'mobile';
  /** Whether they can come into the portal, where the code is entered. */
  comesIn: boolean;
}

/** Sends a contact a code for an address that is not verified yet. */
export function SendCode({ contact, address, comesIn }: Props) {
  const { t } = useTranslation();
  const send = useMutation({
    mutationFn: () => api.post(`/contacts/${contact.id}/verification`, { address }),
    onSuccess: () => notifications.show({ message: t('contact.codeSent', { to: contact[address] }) }),
  });
  if (!usePermission('contact.write') || isFixed(contact) || !comesIn) return null;
  return (
    <>
      <Button
        size="compact-sm"
        variant="subtle"
        loading={send.isPending}
        aria-label={t('contact.codeSendTo', { to: contact[address] })}
        onClick={() => send.mutate()}
      >
        {t('contact.codeSend')}
      </Button>
      {send.error && (
        <Text role="alert" c="var(--td-bad-fg)" fz="sm" w="100%">
          {problemText(send.error, t)}
        </Text>
      )}
    </>
  );
}
