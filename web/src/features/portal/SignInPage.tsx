import SignIn from '@/features/access/SignInPage';
import { useTranslation } from 'react-i18next';

/** /portal/sign-in: the same way in, in a customer's words. */
export default function PortalSignInPage() {
  const { t } = useTranslation();
  return <SignIn title={t('portal.signInTitle')} text={t('portal.signInText')} next="/portal" customers />;
}
