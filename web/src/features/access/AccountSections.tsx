import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { Section } from '@/ui/Section';
import { OwnSessions } from './OwnSessions';
import { Passkeys } from './Passkeys';
import { PasswordForm } from './PasswordForm';
import { SecondFactor } from './SecondFactor';

/** What everybody who signs in has of their own, in the console and in the portal. */
export function AccountSections() {
  const { t } = useTranslation();
  return (
    <>
      <Section title={t('signIn.password')} text={t('account.passwordText')}>
        <PasswordForm onDone={() => void notifications.show({ message: t('user.passwordChanged') })} />
      </Section>
      <SecondFactor />
      <Passkeys />
      <OwnSessions />
    </>
  );
}
