import { Button, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconLogout } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/app/session';
import { Brand } from '@/ui/Brand';
import { Facts, Section } from '@/ui/Section';
import { AccountSections } from './AccountSections';
import { signOut } from './signIn';
import classes from './access.module.css';

/** /portal: who is signed in, and what is their own. */
export default function PortalPage() {
  const { t } = useTranslation();
  const session = useSession();
  const navigate = useNavigate();
  useDocumentTitle(`${t('account.portal')} · ${t('app.name')}`);
  if (!session) return null;
  return (
    <div className={classes.portal}>
      <header className={classes.head}>
        <Brand />
        <Button
          variant="default"
          leftSection={<IconLogout size={16} />}
          onClick={() => void signOut().then(() => navigate({ to: '/sign-in', search: {} }))}
        >
          {t('user.signOut')}
        </Button>
      </header>
      <main className={classes.content}>
        <Stack gap="md">
          <div>
            <Title order={1}>{session.staff.name}</Title>
            <Text c="dimmed">{session.customer?.name}</Text>
          </div>
          <Section title={t('account.signedIn')}>
            <Facts
              items={[
                { label: t('signIn.email'), value: session.staff.email },
                { label: t('account.customer'), value: session.customer?.name },
                {
                  label: t('contact.role'),
                  value: t(`choice.role.${session.staff.role}`, { defaultValue: session.staff.role }),
                },
              ]}
            />
          </Section>
          <AccountSections />
        </Stack>
      </main>
    </div>
  );
}
