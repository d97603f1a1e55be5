import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/app/session';
import { Links } from '@/features/providers/Links';
import { PageHeader } from '@/ui/PageHeader';
import { AccountSections } from './AccountSections';

/** /account: what is the own of whoever is signed in. */
export default function AccountPage() {
  const { t } = useTranslation();
  const session = useSession();
  return (
    <Stack gap="md" maw={760}>
      <PageHeader title={t('account.title')} text={`${session?.staff.name} · ${session?.staff.email}`} />
      <AccountSections />
      <Links />
    </Stack>
  );
}
