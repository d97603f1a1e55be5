import { Button } from '@mantine/core';
import { IconCompassOff, IconLock } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/app/session';
import { EmptyState } from '@/ui/EmptyState';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <EmptyState
      page
      icon={IconCompassOff}
      title={t('notFound.title')}
      text={t('notFound.text')}
      action={
        <Button component={Link} to="/" variant="default">
          {t('notFound.home')}
        </Button>
      }
    />
  );
}

export function NotAllowed() {
  const { t } = useTranslation();
  const session = useSession();
  const may = session?.permissions.includes('staff.read') && session.permissions.includes('role.read');
  return (
    <EmptyState
      page
      icon={IconLock}
      title={t('notAllowed.title')}
      text={t('notAllowed.text')}
      action={
        may && (
          <Button variant="default" component={Link} to={`/settings/staff/${session?.staff.id}/why`}>
            {t('why.menu')}
          </Button>
        )
      }
    />
  );
}
