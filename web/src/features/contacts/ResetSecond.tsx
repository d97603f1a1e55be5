import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Contact } from '@/api/types';
import { usePermission } from '@/app/session';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { forget } from './model';

/** Takes lost second factors of a contact away. */
export function ResetSecond({ contact }: { contact: Contact }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useDisclosure(false);
  const reset = useMutation({
    mutationFn: () => api.delete(`/contacts/${contact.id}/second-factor`),
    onSuccess: () => {
      setAsking.close();
      forget();
    },
  });
  if (!usePermission('contact.write')) return null;
  return (
    <>
      {' · '}
      <Button size="compact-sm" variant="subtle" onClick={setAsking.open}>
        {t('account.reset')}
      </Button>
      <ConfirmDialog
        opened={asking}
        danger
        title={t('account.resetTitle', { name: contact.name })}
        text={t('account.resetText')}
        confirm={t('account.reset')}
        pending={reset.isPending}
        error={reset.error}
        onConfirm={() => reset.mutate()}
        onClose={setAsking.close}
      />
    </>
  );
}
