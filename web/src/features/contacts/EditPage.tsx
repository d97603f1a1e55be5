import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Contact } from '@/api/types';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { PageHeader } from '@/ui/PageHeader';
import { isGone, RecordError } from '@/ui/RecordError';
import { ContactForm } from './ContactForm';
import { contactQuery, toValues } from './model';

/** /contacts/$id/edit */
export default function EditPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t } = useTranslation();
  const contact = useQuery(contactQuery(id));
  const back = { to: `/contacts/${id}`, label: contact.data?.name ?? t('contact.one') };
  if (contact.error && (!contact.data || isGone(contact.error)))
    return (
      <RecordError
        error={contact.error}
        title={t('action.edit')}
        back={back}
        onRetry={() => void contact.refetch()}
      />
    );
  if (!contact.data) return <FormSkeleton />;
  return (
    <>
      <PageHeader title={t('contact.editTitle', { name: contact.data.name })} back={back} />
      <Kept contact={contact.data} />
    </>
  );
}

/** The form keeps the record it was opened with: a refresh behind its back must not change what is sent. */
function Kept({ contact }: { contact: Contact }) {
  const [opened] = useState(contact);
  return <ContactForm customerId={opened.customer.id} contact={opened} initial={toValues(opened)} />;
}
