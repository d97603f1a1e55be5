import { Button, Code, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconArrowBackUp, IconSend } from '@tabler/icons-react';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import { queryClient } from '@/app/query';
import { usePermission, useSession } from '@/app/session';
import { DelayButton } from '@/features/schedule/DelayButton';
import { PendingBanner } from '@/features/schedule/states';
import { UnsavedGuard } from '@/form/UnsavedGuard';
import { useFormats } from '@/i18n/format';
import { codeName } from '@/i18n/names';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { DataTable } from '@/ui/DataTable';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { HistoryLink } from '@/features/audit/HistoryLink';
import { PageHeader } from '@/ui/PageHeader';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { RecordDialog } from '@/ui/RecordDialog';
import { isGone, RecordError } from '@/ui/RecordError';
import { Section } from '@/ui/Section';
import { templateQuery, versionsQuery, type Content, type OneTemplate, type Template } from './data';
import classes from './emails.module.css';
import { HtmlView } from './HtmlView';
import { MailNotice } from './MailNotice';

const contentOf = (x: { subject: string; text: string; html?: string }): Content => ({
  subject: x.subject,
  text: x.text,
  html: x.html ?? '',
});
const same = (a: Content, b: Content) => a.subject === b.subject && a.text === b.text && a.html === b.html;

export default function TemplatePage() {
  const { key, language } = useParams({ strict: false }) as { key: string; language: string };
  const { t } = useTranslation();
  const template = useQuery(templateQuery(key, language));
  const back = { to: '/settings/email-templates', label: t('emails.templates') };
  if (template.error && (!template.data || isGone(template.error)))
    return (
      <RecordError
        error={template.error}
        title={t('emails.templates')}
        back={back}
        onRetry={() => void template.refetch()}
      />
    );
  if (!template.data) return <FormSkeleton rows={5} />;
  return <Editor key={`${key}/${language}`} template={template.data} back={back} />;
}

interface EditorProps {
  template: OneTemplate;
  back: { to: string; label: string };
}

function Editor({ template, back }: EditorProps) {
  const { t } = useTranslation();
  const f = useFormats();
  const mayWrite = usePermission('email_template.write');
  // What is on the page stays when the server's version moves on: saving against the old one is refused.
  const [base, setBase] = useState<Template>(template);
  const [content, setContent] = useState(() => contentOf(template));
  const [open, setOpen] = useState<'reset' | 'test' | null>(null);
  const path = `/email-templates/${template.key}/${template.language}`;
  const isText = template.channel === 'sms';
  const dirty = !same(content, contentOf(base));
  const take = (next: Template) => {
    setBase(next);
    setContent(contentOf(next));
    void queryClient.invalidateQueries({ queryKey: ['email-templates'] });
  };
  const save = useMutation({
    mutationFn: () => api.put<Template>(path, content, { version: base.version }),
    onSuccess: (saved) => {
      take(saved);
      notifications.show({ message: t('emails.saved') });
    },
  });
  const reset = useMutation({
    mutationFn: async () => {
      await api.delete(path, { version: base.version });
      return api.get<Template>(path);
    },
    onSuccess: (now) => {
      setOpen(null);
      take(now);
    },
  });
  return (
    <Stack gap="md" maw="var(--td-content-max)">
      <PageHeader
        title={t(`emails.template.${template.key}`)}
        back={back}
        text={`${codeName('language', template.language, f.locale)} · ${
          base.shipped ? t('emails.asShipped') : t('emails.versionN', { n: base.version })
        }`}
        actions={
          <>
            {template.id && (
              <HistoryLink
                table="email_templates"
                id={template.id}
                name={t(`emails.template.${template.key}`)}
              />
            )}
            {mayWrite && (
              <>
                <Button
                  variant="default"
                  leftSection={<IconSend size={16} />}
                  onClick={() => setOpen('test')}
                >
                  {t('emails.test')}
                </Button>
                {!base.shipped && (
                  <Button
                    variant="default"
                    leftSection={<IconArrowBackUp size={16} />}
                    onClick={() => setOpen('reset')}
                  >
                    {t('emails.reset')}
                  </Button>
                )}
                <DelayButton
                  title={t('schedule.delayAndSave')}
                  disabled={!dirty}
                  build={() => ({
                    method: 'PUT',
                    path,
                    resource: 'email_templates',
                    body: content,
                    version: base.version,
                  })}
                  onDone={() => setContent(contentOf(base))}
                />
                <Button onClick={() => save.mutate()} loading={save.isPending} disabled={!dirty}>
                  {t('action.save')}
                </Button>
              </>
            )}
          </>
        }
      />
      <PendingBanner resource="email_templates" name={`${template.key} (${template.language})`} />
      <MailNotice />
      <ProblemAlert error={save.error} shown={['subject', 'text', 'html']} />
      <div className={classes.columns}>
        <Fields
          template={template}
          content={content}
          error={save.error}
          readOnly={!mayWrite}
          onChange={setContent}
        />
        <Preview path={path} content={content} isText={isText} />
      </div>
      <Versions template={template} onTake={mayWrite ? (v) => setContent(contentOf(v)) : undefined} />
      <UnsavedGuard dirty={dirty} />
      <ConfirmDialog
        opened={open === 'reset'}
        title={t('emails.resetTitle')}
        text={t('emails.resetText')}
        confirm={t('emails.reset')}
        pending={reset.isPending}
        error={reset.error}
        onConfirm={() => reset.mutate()}
        onClose={() => setOpen(null)}
        extra={
          <DelayButton
            title={t('emails.resetTitle')}
            build={() => ({ method: 'DELETE', path, resource: 'email_templates', version: base.version })}
            onDone={() => setOpen(null)}
          />
        }
      />
      {open === 'test' && (
        <TestDialog path={path} content={content} isText={isText} onClose={() => setOpen(null)} />
      )}
    </Stack>
  );
}

interface FieldsProps {
  template: OneTemplate;
  content: Content;
  error: unknown;
  readOnly: boolean;
  onChange: (content: Content) => void;
}

function Fields({ template, content, error, readOnly, onChange }: FieldsProps) {
  const { t } = useTranslation();
  const wrong = (field: string) =>
    isApiError(error) ? error.fields.find((x) => x.field === field)?.message : undefined;
  const set = (field: keyof Content) => (e: { currentTarget: { value: string } }) =>
    onChange({ ...content, [field]: e.currentTarget.value });
  const isText = template.channel === 'sms';
  return (
    <Section title={t('emails.content')}>
      <Stack gap="sm">
        {!isText && (
          <TextInput
            label={t('emails.subject')}
            value={content.subject}
            onChange={set('subject')}
            error={wrong('subject')}
            readOnly={readOnly}
          />
        )}
        <Textarea
          label={isText ? t('emails.body') : t('emails.asText')}
          value={content.text}
          onChange={set('text')}
          error={wrong('text')}
          readOnly={readOnly}
          autosize
          minRows={8}
          maxRows={16}
        />
        {!isText && (
          <Textarea
            label={t('emails.asHtml')}
            description={t('emails.htmlHint')}
            value={content.html}
            onChange={set('html')}
            error={wrong('html')}
            readOnly={readOnly}
            autosize
            minRows={8}
            maxRows={16}
          />
        )}
        <div>
          <Text fw={550}>{t('emails.variables')}</Text>
          <Group gap={6} mt={4}>
            {(template.variables ?? []).map((v) => (
              <Code key={v.name} title={v.sample}>{`{{${v.name}}}`}</Code>
            ))}
          </Group>
        </div>
      </Stack>
    </Section>
  );
}

interface PreviewProps {
  path: string;
  content: Content;
  isText: boolean;
}

function Preview({ path, content, isText }: PreviewProps) {
  const { t } = useTranslation();
  const [settled] = useDebouncedValue(content, 400);
  const preview = useQuery({
    queryKey: ['email-templates', 'preview', path, settled],
    queryFn: ({ signal }) => api.post<Content>(`${path}/preview`, settled, { signal }),
    placeholderData: keepPreviousData,
    retry: false,
  });
  return (
    <Section title={t('emails.preview')} text={t('emails.previewText')}>
      <Stack gap="sm">
        <ProblemAlert error={preview.error} />
        {preview.data && (
          <>
            {!isText && <Text fw={600}>{preview.data.subject}</Text>}
            {preview.data.html && <HtmlView html={preview.data.html} />}
            <pre className={classes.text}>{preview.data.text}</pre>
          </>
        )}
      </Stack>
    </Section>
  );
}

function Versions({ template, onTake }: { template: OneTemplate; onTake?: (v: Template) => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const query = useQuery(versionsQuery(template.key, template.language));
  const name = (v: Template) =>
    v.version === 0 ? t('emails.asShipped') : t('emails.versionN', { n: v.version });
  return (
    <Section title={t('emails.versions')} flush>
      <DataTable
        caption={t('emails.versions')}
        rows={query.data?.items ?? []}
        rowKey={(v) => String(v.version)}
        columns={[
          { key: 'version', head: t('emails.version'), cell: name },
          {
            key: 'saved',
            head: t('emails.changed'),
            cell: (v) => (v.saved_at ? `${f.exact(v.saved_at)} · ${v.saved_by}` : ''),
          },
          {
            key: 'subject',
            head: t('emails.subject'),
            cell: (v) => (template.channel === 'sms' ? v.text : v.subject),
            wide: true,
          },
          {
            key: 'take',
            head: t('action.actions'),
            cell: (v) =>
              onTake && (
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={t('emails.takeNamed', { version: name(v) })}
                  onClick={() => onTake(v)}
                >
                  {t('emails.take')}
                </Button>
              ),
          },
        ]}
      />
    </Section>
  );
}

function TestDialog({ path, content, isText, onClose }: PreviewProps & { onClose: () => void }) {
  const { t } = useTranslation();
  const mine = useSession()?.staff.email ?? '';
  const [to, setTo] = useState(isText ? '' : mine);
  const send = useMutation({
    mutationFn: () => api.post(`${path}/test`, { ...content, to: to.trim() }),
    onSuccess: () => {
      onClose();
      notifications.show({ message: t('emails.testSent', { to: to.trim() }) });
    },
  });
  const wrong = isApiError(send.error) ? send.error.fields.find((x) => x.field === 'to')?.message : undefined;
  return (
    <RecordDialog
      title={t('emails.test')}
      submit={t('emails.send')}
      error={send.error}
      shown={['to']}
      pending={send.isPending}
      onSubmit={() => send.mutate()}
      onClose={onClose}
    >
      <Text c="dimmed">{t('emails.testText')}</Text>
      <TextInput
        label={t('emails.to')}
        description={isText ? t('texts.toHint') : undefined}
        type={isText ? 'tel' : 'email'}
        value={to}
        onChange={(e) => setTo(e.currentTarget.value)}
        error={wrong}
        autoComplete="off"
        data-autofocus
      />
    </RecordDialog>
  );
}
