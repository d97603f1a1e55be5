import { useTranslation } from 'react-i18next';
import type { Customer } from '@/api/types';
import { CodeText } from '@/form/codes';
import { FieldHistory } from '@/features/audit/FieldHistory';
import { useFormats } from '@/i18n/format';
import type { CodeKind } from '@/i18n/names';
import { CopyText } from '@/ui/CopyText';
import { Facts, Section } from '@/ui/Section';
import classes from './CustomerPage.module.css';
import { none } from './panels';

/** Every stored value, for those who look something up. */
export default function DetailsTab({ customer: c }: { customer: Customer }) {
  const { t } = useTranslation();
  const f = useFormats();
  const facts = (names: (keyof Customer)[]) =>
    names.map((name) => ({ field: name, label: t(`field.${name}`), value: (c[name] as string) || none }));
  const coded = (kind: CodeKind) => ({
    field: kind,
    label: t(`field.${kind}`),
    value: c[kind] ? <CodeText kind={kind} code={c[kind]} /> : none,
  });
  const history = (field: string, label: string) => (
    <FieldHistory table="customers" id={c.id} field={field} label={label} />
  );
  return (
    <div className={classes.column}>
      <Section title={t('customer.section.names')}>
        <Facts
          name={history}
          items={facts(['name', 'first_name', 'last_name', 'company', 'tax_number', 'description'])}
        />
      </Section>
      <Section title={t('customer.address')}>
        <Facts
          name={history}
          items={[...facts(['address_1', 'address_2', 'postal_code', 'city', 'province']), coded('country')]}
        />
      </Section>
      <Section title={t('customer.section.account')}>
        <Facts
          name={history}
          items={[
            { field: 'billing_type', label: t('field.billing_type'), value: t(`billing.${c.billing_type}`) },
            coded('currency'),
            coded('language'),
            coded('timezone'),
          ]}
        />
      </Section>
      <Section title={t('customer.section.record')}>
        <Facts
          name={history}
          items={[
            {
              label: t('field.customer_id'),
              value: <CopyText value={c.customer_id} name={t('field.customer_id')} />,
            },
            { label: t('field.id'), value: <CopyText value={c.id} name={t('field.id')} /> },
            ...facts(['reference', 'external_id']),
            { label: t('field.created_at'), value: f.instant(c.created_at) },
            { label: t('field.updated_at'), value: f.instant(c.updated_at) },
            { label: t('field.version'), value: f.number(c.version) },
          ]}
        />
      </Section>
    </div>
  );
}
