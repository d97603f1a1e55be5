import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { queryClient } from '@/app/query';
import { sessionQuery } from '@/app/session';
import { BarePage } from './BarePage';
import { PasswordForm } from './PasswordForm';
import { landingNow, signOut } from './signIn';

/** /change-password: who was given a password chooses one of their own before anything else. */
export default function ChangePasswordPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <BarePage title={t('account.firstTitle')} text={t('account.firstText')}>
      <PasswordForm
        focus
        onDone={async () => {
          await queryClient.fetchQuery({ ...sessionQuery, staleTime: 0 });
          await navigate({ to: landingNow(), replace: true });
        }}
      />
      <Button
        mt="md"
        fullWidth
        variant="default"
        onClick={() => void signOut().then(() => navigate({ to: '/sign-in', search: {} }))}
      >
        {t('user.signOut')}
      </Button>
    </BarePage>
  );
}
