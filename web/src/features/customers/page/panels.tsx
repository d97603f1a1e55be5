import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Customer, Field } from '@/api/types';
import { usePermission } from '@/app/session';
import { choiceLabel, fieldLabel, useFields } from '@/form/fields';
import { useFormats } from '@/i18n/format';
import { codeName } from '@/i18n/names';
import { Masked } from '@/ui/Masked';
import { StatusBadge } from '@/ui/badges';
import { Facts, Section } from '@/ui/Section';
import { StatusDialog } from '../dialogs/StatusDialog';

interface Props {
  customer: Customer;
}

export const none = <span className="muted">–</span>;

/** Lines of a postal address, without the empty ones. */
export function addressLines(c: Customer, country: string): string {
  const town = [c.postal_code, c.city].filter(Boolean).join(' ');
  return [c.address_1, c.address_2, town, c.province, country].filter(Boolean).join('\n');
}

export function ContactPanel({ customer }: Props) {
  const { t } = useTranslation();
  const { locale } = useFormats();
  const address = addressLines(customer, codeName('country', customer.country, locale));
  return (
    <Section title={t('customer.section.contact')}>
      <Facts
        items={[
          {
            label: t('field.email'),
            value: customer.email ? (
              <Anchor href={`mailto:${customer.email}`}>{customer.email}</Anchor>
            ) : (
              none
            ),
          },
          {
            label: t('field.telephone'),
            value: customer.masked?.includes('telephone') ? (
              <Masked />
            ) : customer.telephone ? (
              <Anchor href={`tel:${customer.telephone}`} className="num">
                {customer.telephone}
              </Anchor>
            ) : (
              none
            ),
          },
          { label: t('customer.address'), value: address || none },
        ]}
      />
    </Section>
  );
}

export function IdentityPanel({ customer }: Props) {
  const { t } = useTranslation();
  const person = [customer.first_name, customer.last_name].filter(Boolean).join(' ');
  return (
    <Section title={t('customer.section.identity')}>
      <Facts
        items={[
          { label: t('field.party'), value: t(`party.${customer.party}`) },
          { label: t('field.company'), value: customer.company || none },
          { label: t('customer.person'), value: person || none },
          {
            label: t('field.reference'),
            value: customer.reference ? <span className="mono">{customer.reference}</span> : none,
          },
          { label: t('field.tax_number'), value: customer.tax_number || none },
          {
            label: t('field.reseller'),
            value: customer.reseller ? (
              <Anchor component={Link} to={`/customers/${customer.reseller.id}`}>
                {customer.reseller.name}
              </Anchor>
            ) : (
              none
            ),
          },
          ...(customer.description
            ? [{ label: t('field.description'), value: customer.description, wide: true }]
            : []),
        ]}
      />
    </Section>
  );
}

export function StatusPanel({ customer }: Props) {
  const { t } = useTranslation();
  const f = useFormats();
  const mayChange = usePermission('customer.update') && !customer.erased_at;
  const [open, setOpen] = useDisclosure(false);
  return (
    <Section title={t('customer.section.status')}>
      <Stack gap={10} align="flex-start">
        <StatusBadge status={customer.status} />
        {customer.status_reason && <Text>{customer.status_reason}</Text>}
        <Text c="dimmed">{t(`statusMeaning.${customer.status}`)}</Text>
        <Text size="xs" c="dimmed">
          {t('customer.updatedAt', { when: f.instant(customer.updated_at) })}
        </Text>
        {mayChange && (
          <Button variant="default" onClick={setOpen.open}>
            {t('customer.changeStatus')}
          </Button>
        )}
      </Stack>
      {open && <StatusDialog customer={customer} onClose={setOpen.close} />}
    </Section>
  );
}

export function GroupsPanel({ customer }: Props) {
  const { t } = useTranslation();
  return (
    <Section title={t('nav.groups')}>
      {customer.groups.length === 0 ? (
        <Text c="dimmed">{t('customer.noGroups')}</Text>
      ) : (
        <Group gap={6}>
          {customer.groups.map((g) => (
            <Anchor key={g.id} component={Link} to={`/groups/${g.id}`}>
              {g.name}
            </Anchor>
          ))}
        </Group>
      )}
    </Section>
  );
}

export function useCustomText(): (field: Field, value: unknown) => string {
  const { t } = useTranslation();
  const f = useFormats();
  return (field, value) => {
    if (value === null || value === undefined || value === '') return '';
    if (field.type === 'number') return f.number(value as number, { maximumFractionDigits: 6 });
    if (field.type === 'day' || field.type === 'date') return f.day(String(value));
    const given = field.choices?.find((c) => c.value === value)?.label;
    return choiceLabel(t, field.name, String(value), given);
  };
}

/** Shown only where the operator has defined fields. */
export function CustomPanel({ customer }: Props) {
  const { t } = useTranslation();
  const fields = useFields('customers');
  const show = useCustomText();
  const custom = (fields.data ?? []).filter((f) => f.custom);
  if (custom.length === 0) return null;
  return (
    <Section title={t('customer.section.custom')}>
      <Facts
        items={custom.map((field) => ({
          label: fieldLabel(t, field.name, field.label),
          value: show(field, customer.custom[field.name.slice('custom.'.length)]) || none,
        }))}
      />
    </Section>
  );
}
