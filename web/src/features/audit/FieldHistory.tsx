import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { usePermission } from '@/app/session';
import { historyAddress } from './HistoryLink';

interface Props {
  table: string;
  id: string;
  field: string;
  label: string;
}

/** The name of a field, which leads to that field's own history. */
export function FieldHistory({ table, id, field, label }: Props) {
  const { t } = useTranslation();
  const may = usePermission('audit.read');
  if (!may || !id) return <>{label}</>;
  return (
    <Anchor
      component={Link}
      to={historyAddress(table, id)}
      search={{ field } as never}
      c="inherit"
      // Large enough to be hit by a finger.
      style={{ display: 'inline-block', minWidth: 24, minHeight: 24, lineHeight: '24px' }}
      title={t('audit.historyOf', { name: label })}
    >
      {label}
    </Anchor>
  );
}
