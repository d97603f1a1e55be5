import { Alert } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { statusQuery } from './data';

/** Says when mails do not leave the house, and why. */
export function MailNotice() {
  const { t } = useTranslation();
  const { data } = useQuery(statusQuery);
  if (!data || (data.configured && !data.trouble)) return null;
  return (
    <Alert
      color="yellow"
      mb="md"
      styles={{ title: { color: 'var(--mantine-color-text)' } }}
      icon={<IconAlertTriangle size={18} />}
      title={data.configured ? t('emails.troubleTitle') : t('emails.noServerTitle')}
    >
      {data.configured
        ? t('emails.trouble', { n: data.waiting, said: data.trouble })
        : t('emails.noServer', { n: data.waiting })}
    </Alert>
  );
}
