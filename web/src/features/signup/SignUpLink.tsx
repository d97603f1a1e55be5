import { Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { offerQuery } from './data';

/** The way to an account of one's own, where there is one. */
export function SignUpLink() {
  const { t } = useTranslation();
  const offer = useQuery(offerQuery);
  if (!offer.data?.open) return null;
  return (
    <Text ta="center">
      {t('signUp.new')}{' '}
      <Anchor component={Link} to="/portal/sign-up">
        {t('signUp.title')}
      </Anchor>
    </Text>
  );
}
