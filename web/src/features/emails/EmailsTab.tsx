import { Button, FileInput, Group, Text, Textarea, TextInput } from '@mantine/core';
import { IconMail, IconPaperclip, IconSend } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import type { Customer } from '@/api/types';
import { queryClient } from '@/app/query';
import { usePermission } from '@/app/session';
import { GridMessage, ListPage, type GridRow } from '@/grid';
import { RecordDialog } from '@/ui/RecordDialog';
import type { Email, WholeEmail } from './data';
import { useRefine, useRenderers } from './EmailsPage';
import { MailNotice } from './MailNotice';

type Row = Email & GridRow;

const newestFirst = [{ field: 'created_at', desc: true }];

/** What was written to a customer. */
export default function EmailsTab({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const maySend = usePermission('email.send');
  const [writing, setWriting] = useState(false);
  const filter = JSON.stringify({ and: [{ field: 'customer', op: 'eq', value: customer.id }] });
  return (
    <>
      <MailNotice />
      {maySend && (
        <Group mb="sm" gap={12}>
          <Button
            leftSection={<IconSend size={16} />}
            disabled={!customer.email}
            onClick={() => setWriting(true)}
          >
            {t('emails.write')}
          </Button>
          {!customer.email && <Text c="dimmed">{t('emails.noAddress')}</Text>}
        </Group>
      )}
      <ListPage<Row>
        target="emails"
        title={t('emails.title')}
        params={{ filter }}
        views={false}
        selectable={false}
        defaultSort={newestFirst}
        refine={useRefine()}
        renderers={useRenderers()}
        rowHref={(e) => `/emails/${e.id}`}
        embedded={{ height: '420px' }}
        empty={<GridMessage icon={IconMail} title={t('emails.noneYet')} text={t('emails.noneYetText')} />}
      >
        {(list) =>
          writing && (
            <WriteDialog
              customer={customer}
              onClose={() => setWriting(false)}
              onSent={() => {
                setWriting(false);
                list.refresh();
              }}
            />
          )
        }
      </ListPage>
    </>
  );
}

/** A file as the API takes it, in base64. */
async function asAttachment(file: File): Promise<{ name: string; type: string; data: string }> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error(file.name));
    reader.readAsDataURL(file);
  });
  return { name: file.name, type: file.type, data: url.slice(url.indexOf(',') + 1) };
}

interface WriteProps {
  customer: Customer;
  onClose: () => void;
  onSent: () => void;
}

function WriteDialog({ customer, onClose, onSent }: WriteProps) {
  const { t } = useTranslation();
  const [subject, setSubject] = useState('');
  const [text, setText] = useState('');
  const [files, setFiles] = useState<File[]>([]);
  const send = useMutation({
    mutationFn: async () => {
      const attachments = await Promise.all(files.map(asAttachment));
      return api.post<WholeEmail>('/emails', { customer: customer.id, subject, text, attachments });
    },
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ['emails'] });
      onSent();
    },
  });
  const wrong = (field: string) =>
    isApiError(send.error) ? send.error.fields.find((f) => f.field === field)?.message : undefined;
  const wrongFile = isApiError(send.error)
    ? send.error.fields.find((f) => f.field.startsWith('attachments'))
    : undefined;
  return (
    <RecordDialog
      title={t('emails.writeTitle', { to: customer.email })}
      submit={t('emails.send')}
      error={send.error}
      shown={['subject', 'text', ...(wrongFile ? [wrongFile.field] : [])]}
      pending={send.isPending}
      onSubmit={() => send.mutate()}
      onClose={onClose}
      size={640}
    >
      <TextInput
        label={t('emails.subject')}
        value={subject}
        onChange={(e) => setSubject(e.currentTarget.value)}
        error={wrong('subject')}
        autoComplete="off"
        data-autofocus
      />
      <Textarea
        label={t('emails.body')}
        value={text}
        onChange={(e) => setText(e.currentTarget.value)}
        error={wrong('text')}
        autosize
        minRows={8}
        maxRows={18}
      />
      <FileInput
        label={t('emails.files')}
        description={t('emails.filesHint')}
        leftSection={<IconPaperclip size={16} />}
        multiple
        clearable
        clearButtonProps={{ 'aria-label': t('form.clear', { name: t('emails.files') }) }}
        value={files}
        onChange={setFiles}
        error={wrongFile?.message}
      />
    </RecordDialog>
  );
}
