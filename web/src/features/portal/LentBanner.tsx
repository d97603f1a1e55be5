import { Button } from '@mantine/core';
import { IconEye, IconPencil } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { queryClient } from '@/app/query';
import type { PortalSession } from './session';
import classes from './portal.module.css';

/** Minutes until then, never below none. */
function useMinutesLeft(until: string): number {
  const left = () => Math.max(0, Math.ceil((Date.parse(until) - Date.now()) / 60_000));
  const [minutes, setMinutes] = useState(left);
  useEffect(() => {
    const timer = setInterval(() => setMinutes(left()), 5_000);
    return () => clearInterval(timer);
  }); // the closure is cheap, and `until` may change
  return minutes;
}

type Lent = NonNullable<PortalSession['impersonation']>;

/** On every page of the portal while it is staff who look: who, as whom, how long, and the way out. */
export function LentBanner({ session, lent }: { session: PortalSession; lent: Lent }) {
  const { t } = useTranslation();
  const minutes = useMinutesLeft(lent.until);
  const end = useMutation({
    mutationFn: () => api.delete('/portal/impersonation'),
    onSettled: () => {
      queryClient.clear();
      window.close();
      // A tab that no page opened stays: it goes back to the console.
      window.location.assign('/customers');
    },
  });
  const Glyph = lent.read_only ? IconEye : IconPencil;
  return (
    <section className={classes.lent} aria-label={t('openPortal.banner')}>
      <Glyph size={18} aria-hidden />
      <p>
        <strong>
          {t('openPortal.as', {
            staff: lent.staff,
            name: session.contact.name,
            customer: session.customer.name,
          })}
        </strong>{' '}
        {lent.read_only ? t('openPortal.readOnly') : t('openPortal.mayWrite')}{' '}
        {t('openPortal.left', { count: minutes })}
      </p>
      <Button size="compact-sm" variant="default" loading={end.isPending} onClick={() => end.mutate()}>
        {t('openPortal.end')}
      </Button>
    </section>
  );
}
