import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Customer, Field } from '@/api/types';
import { NotFound } from '@/app/pages';
import { isApiError } from '@/api/client';
import { useFields } from '@/form/fields';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { LoadError } from '@/ui/LoadError';
import { PageHeader } from '@/ui/PageHeader';
import { customerQuery, toValues } from '../model';
import { CustomerForm } from './CustomerForm';

/** /customers/$id/edit */
export default function EditPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t } = useTranslation();
  const customer = useQuery(customerQuery(id));
  const fields = useFields('customers');
  const error = customer.error ?? fields.error;
  if (isApiError(customer.error) && customer.error.status === 404) return <NotFound />;
  return (
    <>
      <PageHeader
        title={customer.data ? t('customer.editTitle', { name: customer.data.name }) : t('action.edit')}
        back={{ to: `/customers/${id}`, label: customer.data?.name ?? t('nav.customers') }}
      />
      {error && !(customer.data && fields.data) ? (
        <LoadError
          error={error}
          onRetry={() => {
            if (customer.error) void customer.refetch();
            if (fields.error) void fields.refetch();
          }}
        />
      ) : null}
      {!error && !(customer.data && fields.data) ? <FormSkeleton /> : null}
      {customer.data && fields.data ? <Kept customer={customer.data} fields={fields.data} /> : null}
    </>
  );
}

/**
 * The form keeps the record it was opened with: a refresh behind its back must
 * not change what the person sees or which version is sent.
 */
function Kept({ customer, fields }: { customer: Customer; fields: Field[] }) {
  const [opened] = useState(customer);
  return (
    <CustomerForm
      customer={opened}
      initial={toValues(opened)}
      fields={fields}
      provider={opened.kind === 'provider'}
    />
  );
}
