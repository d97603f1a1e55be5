import { ActionIcon, Indicator, Tooltip } from '@mantine/core';
import { IconClockExclamation } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePermission, useSession } from '@/app/session';
import { concerningQuery } from './data';

const day = 24 * 60 * 60 * 1000;

/** In the header, while own delayed saves conflict or failed of late: where to decide. */
export function DelayedNotice() {
  const { t } = useTranslation();
  const session = useSession();
  const may = usePermission('schedule.read');
  const [since] = useState(() => new Date(Date.now() - day).toISOString());
  const person = session?.staff.id ?? '';
  const { data } = useQuery({
    ...concerningQuery(person, since),
    enabled: may && person !== '',
    refetchInterval: 60_000,
  });
  const found = data?.items ?? [];
  if (found.length === 0) return null;
  const label = t('schedule.concerning', { count: found.length });
  return (
    <Indicator label={found.length} size={16} offset={5} color="yellow">
      <Tooltip label={label}>
        <ActionIcon
          size={36}
          component={Link}
          to={found.length === 1 ? `/delayed-saves/${found[0]!.id}` : '/delayed-saves'}
          aria-label={label}
        >
          <IconClockExclamation size={20} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
    </Indicator>
  );
}
