import { Text, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import { queryClient } from '@/app/query';
import { useSession } from '@/app/session';
import { RecordDialog } from '@/ui/RecordDialog';
import type { WholeEmail } from './data';

interface Props {
  email: WholeEmail;
  onClose: () => void;
  onSent: (email: WholeEmail) => void;
}

/** Sends a mail again, in the same words or in others. One with a one-time link gets a new link and stays as it is. */
export function ResendDialog({ email, onClose, onSent }: Props) {
  const { t } = useTranslation();
  const [to, setTo] = useState(email.to);
  const [subject, setSubject] = useState(email.subject);
  const [text, setText] = useState(email.text);
  const send = useMutation({
    mutationFn: () =>
      api.post<WholeEmail>(
        `/emails/${email.id}/resend`,
        email.secret ? {} : { to: to.trim(), subject: subject.trim(), text },
      ),
    onSuccess: (next) => {
      void queryClient.invalidateQueries({ queryKey: ['emails'] });
      onSent(next);
    },
  });
  const placed = !!useSession()?.root;
  const isText = email.channel === 'sms';
  const wrong = (field: string) =>
    isApiError(send.error) ? send.error.fields.find((f) => f.field === field)?.message : undefined;
  return (
    <RecordDialog
      title={t('emails.resendTitle')}
      submit={t('emails.resend')}
      error={send.error}
      shown={email.secret ? [] : ['to', 'subject', 'text']}
      pending={send.isPending}
      onSubmit={() => send.mutate()}
      onClose={onClose}
      size={640}
    >
      {email.secret ? (
        <Text>{t('emails.resendSecret', { to: email.to })}</Text>
      ) : (
        <>
          <TextInput
            label={t('emails.to')}
            type={isText ? 'tel' : 'email'}
            value={to}
            onChange={(e) => setTo(e.currentTarget.value)}
            error={wrong('to')}
            autoComplete="off"
            // Who sees a reseller's customers writes to nobody else.
            disabled={placed}
          />
          {!isText && (
            <TextInput
              label={t('emails.subject')}
              value={subject}
              onChange={(e) => setSubject(e.currentTarget.value)}
              error={wrong('subject')}
              autoComplete="off"
            />
          )}
          <Textarea
            label={t('emails.body')}
            value={text}
            onChange={(e) => setText(e.currentTarget.value)}
            error={wrong('text')}
            autosize
            minRows={8}
            maxRows={18}
          />
        </>
      )}
    </RecordDialog>
  );
}
