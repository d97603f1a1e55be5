import { Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface Props {
  changes: { label: string; from: string; to: string }[];
}

/** What a save changes, before and after side by side. */
export function ChangesTable({ changes }: Props) {
  const { t } = useTranslation();
  const text = (value: string) => value || <span className="muted">{t('state.empty')}</span>;
  return (
    <Table withTableBorder layout="fixed" aria-label={t('schedule.difference')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('audit.field')}</Table.Th>
          <Table.Th>{t('schedule.nowValue')}</Table.Th>
          <Table.Th>{t('schedule.then')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {changes
          .filter((c) => c.from !== c.to)
          .map((c) => (
            <Table.Tr key={c.label}>
              <Table.Th scope="row">{c.label}</Table.Th>
              <Table.Td>{text(c.from)}</Table.Td>
              <Table.Td>{text(c.to)}</Table.Td>
            </Table.Tr>
          ))}
      </Table.Tbody>
    </Table>
  );
}
