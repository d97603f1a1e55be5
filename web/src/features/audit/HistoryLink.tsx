import { ActionIcon, Button } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { usePermission } from '@/app/session';

/** Where the history of a record, or of one field of it, is shown. */
export function historyAddress(table: string, id: string): string {
  if (table === 'customers') return `/customers/${id}/audit`;
  return `/history/${table}/${id}`;
}

interface Props {
  table: string;
  id: string;
  name: string;
  /** An icon alone: in the rows of a table. */
  small?: boolean;
}

/** From a record to everything that was changed of it; nothing for who may not read the audit. */
export function HistoryLink({ table, id, name, small }: Props) {
  const { t } = useTranslation();
  const may = usePermission('audit.read');
  if (!may) return null;
  const to = historyAddress(table, id);
  if (small) {
    return (
      <ActionIcon component={Link} to={to} size={28} aria-label={t('audit.historyOf', { name })}>
        <IconHistory size={17} />
      </ActionIcon>
    );
  }
  return (
    <Button component={Link} to={to} variant="default" leftSection={<IconHistory size={16} />}>
      {t('audit.history')}
    </Button>
  );
}
