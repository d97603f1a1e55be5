import { Alert, Anchor } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useRouterState } from '@tanstack/react-router';
import { useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import type { Customer } from '@/api/types';
import { settingsQuery } from '@/api/settings';
import { lastList } from '@/app/lastList';
import { usePermission } from '@/app/session';
import { useFields } from '@/form/fields';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { PageHeader } from '@/ui/PageHeader';
import { LoadError } from '@/ui/LoadError';
import { blankValues } from '../model';
import { CustomerForm } from './CustomerForm';

/** /customers/new and /providers/new. */
export default function NewPage() {
  const provider = useRouterState({ select: (s) => s.location.pathname.startsWith('/providers') });
  // The two addresses are two forms: what was typed in one does not stay in the other.
  return <NewCustomer key={String(provider)} provider={provider} />;
}

function NewCustomer({ provider }: { provider: boolean }) {
  const { t } = useTranslation();
  const fields = useFields('customers');
  const mayRead = usePermission('setting.read');
  const settings = useQuery({ ...settingsQuery, enabled: mayRead });
  const [made, setMade] = useState<Customer | null>(null);
  const [round, setRound] = useState(0);
  const ready = fields.data && (!mayRead || !settings.isPending);
  return (
    <>
      <PageHeader
        title={provider ? t('customer.newProvider') : t('customer.newCustomer')}
        text={provider ? t('customer.newProviderText') : undefined}
        back={{ to: lastList('/customers'), label: t('nav.customers') }}
      />
      {made && (
        <Alert variant="default" icon={<IconCircleCheck size={18} />} role="status" mb="md" maw={880}>
          <Trans
            i18nKey="customer.created"
            values={{ name: made.name, id: made.customer_id }}
            components={{ a: <Anchor component={Link} to={`/customers/${made.id}`} underline="always" /> }}
          />
        </Alert>
      )}
      {fields.error && <LoadError error={fields.error} onRetry={() => void fields.refetch()} />}
      {!ready && !fields.error && <FormSkeleton />}
      {ready && (
        <CustomerForm
          key={round}
          initial={blankValues(provider ? 'provider' : 'customer', settings.data)}
          fields={fields.data}
          provider={provider}
          onCreated={(customer) => {
            setMade(customer);
            setRound((n) => n + 1);
            window.scrollTo({ top: 0 });
          }}
        />
      )}
    </>
  );
}
