import { Anchor, Button, Stack } from '@mantine/core';
import { IconBan, IconPaperclip, IconSend } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { queryClient } from '@/app/query';
import { useCan } from '@/app/session';
import { useFormats } from '@/i18n/format';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { PageHeader } from '@/ui/PageHeader';
import { isGone, RecordError } from '@/ui/RecordError';
import { Facts, Section } from '@/ui/Section';
import { emailQuery, isOpen, type WholeEmail } from './data';
import { EmailBadge } from './EmailBadge';
import classes from './emails.module.css';
import { HtmlView } from './HtmlView';
import { MailNotice } from './MailNotice';
import { ResendDialog } from './ResendDialog';

export default function EmailPage() {
  const { emailId } = useParams({ strict: false }) as { emailId: string };
  const { t } = useTranslation();
  const email = useQuery(emailQuery(emailId));
  const back = { to: '/emails', label: t('emails.title') };
  if (email.error && (!email.data || isGone(email.error)))
    return (
      <RecordError
        error={email.error}
        title={t('emails.one')}
        back={back}
        onRetry={() => void email.refetch()}
      />
    );
  if (!email.data) return <FormSkeleton rows={4} />;
  const e = email.data;
  return (
    <Stack gap="md" maw="var(--td-content-max)">
      <PageHeader
        title={e.subject}
        back={back}
        meta={<EmailBadge state={e.state} />}
        actions={<Actions email={e} />}
      />
      {isOpen(e) && e.channel === 'email' && <MailNotice />}
      <EmailFacts email={e} />
      {e.html && (
        <Section title={t('emails.asHtml')}>
          <HtmlView html={e.html} />
        </Section>
      )}
      <Section title={t('emails.asText')} text={e.secret ? t('emails.secretText') : undefined}>
        <pre className={classes.text}>{e.text}</pre>
      </Section>
    </Stack>
  );
}

function EmailFacts({ email: e }: { email: WholeEmail }) {
  const { t } = useTranslation();
  const can = useCan();
  const f = useFormats();
  const link = (to: string, text: string) => (
    <Anchor component={Link} to={to}>
      {text}
    </Anchor>
  );
  return (
    <Section title={t('emails.facts')}>
      <Facts
        items={[
          { label: t('emails.to'), value: e.to },
          { label: t('emails.way'), value: t(`emails.channel.${e.channel}`) },
          { label: t('emails.message'), value: t(`emails.template.${e.template}`) },
          { label: t('emails.created'), value: f.exact(e.created_at) },
          { label: t('emails.sentAt'), value: e.sent_at ? f.exact(e.sent_at) : t('emails.notYet') },
          { label: t('emails.attempts'), value: <span className="num">{f.number(e.attempts)}</span> },
          ...(e.next_attempt_at
            ? [{ label: t('emails.nextAttempt'), value: f.exact(e.next_attempt_at) }]
            : []),
          ...(e.last_error ? [{ label: t('emails.lastError'), value: e.last_error, wide: true }] : []),
          ...(e.customer && can('customer.read')
            ? [
                {
                  label: t('kind.customer'),
                  value: link(`/customers/${e.customer}/emails`, t('emails.openCustomer')),
                },
              ]
            : []),
          ...(e.attachments?.length
            ? [{ label: t('emails.files'), value: <Files email={e} />, wide: true }]
            : []),
          ...(e.resend_of
            ? [{ label: t('emails.resendOf'), value: link(`/emails/${e.resend_of}`, t('emails.openFirst')) }]
            : []),
        ]}
      />
    </Section>
  );
}

function Files({ email: e }: { email: WholeEmail }) {
  const f = useFormats();
  return (
    <span className={classes.files}>
      {(e.attachments ?? []).map((a, i) => (
        <span key={i} className={classes.file}>
          <IconPaperclip size={16} aria-hidden />
          <Anchor
            href={`/api/v1/emails/${e.id}/attachments/${i}`}
            download={a.name}
            className={classes.fileName}
          >
            {a.name}
          </Anchor>
          <span className="muted num">{f.bytes(a.size)}</span>
        </span>
      ))}
    </span>
  );
}

function Actions({ email: e }: { email: WholeEmail }) {
  const { t } = useTranslation();
  const can = useCan();
  const navigate = useNavigate();
  const [open, setOpen] = useState<'resend' | 'cancel' | null>(null);
  const cancel = useMutation({
    mutationFn: () => api.post<WholeEmail>(`/emails/${e.id}/cancel`),
    onSuccess: () => {
      setOpen(null);
      void queryClient.invalidateQueries({ queryKey: ['emails'] });
    },
  });
  if (!can('email.send')) return null;
  return (
    <>
      {e.state === 'queued' && (
        <Button variant="default" leftSection={<IconBan size={16} />} onClick={() => setOpen('cancel')}>
          {t('emails.cancel')}
        </Button>
      )}
      {!isOpen(e) && (!e.secret || can(e.staff ? 'staff.write' : 'contact.write')) && (
        <Button variant="default" leftSection={<IconSend size={16} />} onClick={() => setOpen('resend')}>
          {t('emails.resend')}
        </Button>
      )}
      <ConfirmDialog
        opened={open === 'cancel'}
        title={t('emails.cancelTitle')}
        text={t('emails.cancelText', { to: e.to })}
        confirm={t('emails.cancel')}
        cancel={t('action.close')}
        pending={cancel.isPending}
        error={cancel.error}
        onConfirm={() => cancel.mutate()}
        onClose={() => setOpen(null)}
      />
      {open === 'resend' && (
        <ResendDialog
          email={e}
          onClose={() => setOpen(null)}
          onSent={(next) => {
            setOpen(null);
            void navigate({ to: `/emails/${next.id}` });
          }}
        />
      )}
    </>
  );
}
