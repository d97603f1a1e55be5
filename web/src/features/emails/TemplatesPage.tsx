import { Anchor } from '@mantine/core';
import { IconTemplate } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useFormats } from '@/i18n/format';
import { codeName } from '@/i18n/names';
import { DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { ListStates } from '@/ui/ListStates';
import { PageHeader } from '@/ui/PageHeader';
import { Section } from '@/ui/Section';
import type { Template } from './data';
import { MailNotice } from './MailNotice';

export default function TemplatesPage() {
  const { t } = useTranslation();
  const f = useFormats();
  const query = useQuery({
    queryKey: ['email-templates', 'all'],
    queryFn: ({ signal }) => api.get<{ items: Template[] }>('/email-templates', { signal }),
  });
  const rows = query.data?.items ?? [];
  return (
    <div style={{ maxWidth: 'var(--td-content-max)' }}>
      <PageHeader title={t('emails.templates')} text={t('emails.templatesText')} />
      <MailNotice />
      <Section title={t('emails.messages')} flush>
        <ListStates
          query={query}
          isEmpty={rows.length === 0}
          empty={
            <EmptyState icon={IconTemplate} title={t('emails.templates')} text={t('emails.templatesText')} />
          }
        >
          <DataTable
            caption={t('emails.templates')}
            rows={rows}
            rowKey={(r) => `${r.key}/${r.language}`}
            columns={[
              {
                key: 'key',
                head: t('emails.message'),
                cell: (r) => (
                  <Anchor
                    component={Link}
                    to={`/settings/email-templates/${r.key}/${r.language}`}
                    fw={550}
                    aria-label={`${t(`emails.template.${r.key}`)}, ${codeName('language', r.language, f.locale)}`}
                  >
                    {t(`emails.template.${r.key}`)}
                  </Anchor>
                ),
              },
              {
                key: 'language',
                head: t('field.language'),
                cell: (r) => codeName('language', r.language, f.locale),
              },
              { key: 'subject', head: t('emails.subject'), cell: (r) => r.subject || r.text, wide: true },
              {
                key: 'saved',
                head: t('emails.changed'),
                cell: (r) => (r.shipped ? t('emails.asShipped') : `${f.exact(r.saved_at)} · ${r.saved_by}`),
              },
            ]}
          />
        </ListStates>
      </Section>
    </div>
  );
}
