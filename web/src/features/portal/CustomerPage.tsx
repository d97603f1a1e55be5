import { Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CustomerStatus } from '@/api/types';
import { useFormats } from '@/i18n/format';
import { codeName } from '@/i18n/names';
import { Masked } from '@/ui/Masked';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { LoadError } from '@/ui/LoadError';
import { Facts, Section } from '@/ui/Section';
import { StatusBadge } from '@/ui/badges';
import { Heading } from './Heading';
import { PortalForm, type FormField } from './PortalForm';
import { customerQuery, refresh, usePortalCan, type PortalCustomer } from './session';

/** /portal/customer: what the operator has of one's own customer. */
export default function CustomerPage() {
  const { t } = useTranslation();
  const can = usePortalCan();
  const customer = useQuery(customerQuery);
  return (
    <Stack gap="lg">
      <Heading
        title={t('portal.customer')}
        text={can('portal.manage') ? t('portal.customerText') : t('portal.customerReadText')}
      />
      {customer.error && !customer.data ? (
        <LoadError error={customer.error} onRetry={() => void customer.refetch()} />
      ) : !customer.data ? (
        <FormSkeleton rows={4} />
      ) : (
        <>
          <Section
            title={customer.data.name}
            actions={<StatusBadge status={customer.data.status as CustomerStatus} />}
          >
            <Fixed customer={customer.data} />
          </Section>
          <Section title={t('portal.address')}>
            {can('portal.manage') ? <Edit customer={customer.data} /> : <Read customer={customer.data} />}
          </Section>
        </>
      )}
    </Stack>
  );
}

function Fixed({ customer: c }: { customer: PortalCustomer }) {
  const { t } = useTranslation();
  const items: { label: string; value: ReactNode }[] = [
    { label: t('field.customer_id'), value: <span className="mono">{c.customer_id}</span> },
    { label: t('field.email'), value: c.email || t('state.empty') },
  ];
  if (c.tax_number !== undefined)
    items.push({ label: t('field.tax_number'), value: c.tax_number || t('state.empty') });
  if (c.billing_type)
    items.push({ label: t('field.billing_type'), value: t(`choice.billing_type.${c.billing_type}`) });
  if (c.currency) items.push({ label: t('field.currency'), value: c.currency });
  return <Facts items={items} />;
}

function Edit({ customer }: { customer: PortalCustomer }) {
  const { t } = useTranslation();
  const fields: FormField[] = [
    { name: 'address_1', kind: 'text', autoComplete: 'address-line1' },
    { name: 'address_2', kind: 'text', autoComplete: 'address-line2' },
    { name: 'postal_code', kind: 'text', autoComplete: 'postal-code' },
    { name: 'city', kind: 'text', autoComplete: 'address-level2' },
    { name: 'province', kind: 'text', autoComplete: 'address-level1' },
    { name: 'country', kind: 'country' },
    { name: 'telephone', kind: 'tel', description: t('portal.phoneHint'), autoComplete: 'tel' },
  ];
  return (
    <PortalForm
      fields={fields}
      path="/portal/customer"
      record={customer}
      submit={t('action.save')}
      onSaved={async () => {
        notifications.show({ message: t('portal.saved') });
        await refresh();
      }}
    />
  );
}

function Read({ customer: c }: { customer: PortalCustomer }) {
  const { t } = useTranslation();
  const { locale } = useFormats();
  const country = c.country && codeName('country', c.country, locale);
  const lines = [
    c.address_1,
    c.address_2,
    [c.postal_code, c.city].filter(Boolean).join(' '),
    c.province,
    country,
  ];
  return (
    <Facts
      items={[
        { label: t('portal.address'), value: lines.filter(Boolean).join('\n') || t('state.empty') },
        {
          label: t('field.telephone'),
          value: c.telephone === null ? <Masked /> : c.telephone || t('state.empty'),
        },
      ]}
    />
  );
}
