import { useTranslation } from 'react-i18next';
import { PageHeader } from '@/ui/PageHeader';

/** The list of customers and providers. */
export default function CustomersPage() {
  const { t } = useTranslation();
  return <PageHeader title={t('nav.customers')} />;
}
