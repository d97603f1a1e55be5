import { Alert, Anchor } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import type { Contact } from '@/api/types';
import { usePermission } from '@/app/session';
import { customerQuery } from '@/features/customers/model';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { PageHeader } from '@/ui/PageHeader';
import { RecordError } from '@/ui/RecordError';
import { ContactForm } from './ContactForm';
import { blankValues } from './model';

/** /customers/$id/contacts/new */
export default function NewPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t } = useTranslation();
  const customer = useQuery(customerQuery(id));
  const privateNotes = usePermission('contact.private_notes');
  const [made, setMade] = useState<Contact | null>(null);
  const [round, setRound] = useState(0);
  const back = { to: `/customers/${id}/contacts`, label: customer.data?.name ?? t('nav.customers') };
  if (customer.error && !customer.data)
    return (
      <RecordError
        error={customer.error}
        title={t('contact.newTitle')}
        back={back}
        onRetry={() => void customer.refetch()}
      />
    );
  return (
    <>
      <PageHeader title={t('contact.newTitle')} back={back} />
      {made && (
        <Alert variant="default" icon={<IconCircleCheck size={18} />} role="status" mb="md" maw={880}>
          <Trans
            i18nKey="contact.added"
            values={{ name: made.name }}
            components={{ a: <Anchor component={Link} to={`/contacts/${made.id}`} underline="always" /> }}
          />
        </Alert>
      )}
      {customer.data ? (
        <ContactForm
          key={round}
          customerId={customer.data.id}
          initial={blankValues(privateNotes)}
          onCreated={(contact) => {
            setMade(contact);
            setRound((n) => n + 1);
            window.scrollTo({ top: 0 });
          }}
        />
      ) : (
        <FormSkeleton />
      )}
    </>
  );
}
