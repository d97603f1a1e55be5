import { Table, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './DataTable.module.css';

export interface TableColumn<T> {
  key: string;
  /** null: a column of buttons, named for screen readers only. */
  head: ReactNode;
  cell: (row: T) => ReactNode;
  align?: 'right';
  width?: number | string;
  /** Left out on phones. */
  wide?: boolean;
}

interface Props<T> {
  columns: TableColumn<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  caption: string;
  minWidth?: number;
}

/** A short plain table (settings, rows of a job); the big lists use the grid. */
export function DataTable<T>({ columns, rows, rowKey, caption, minWidth }: Props<T>) {
  const { t } = useTranslation();
  return (
    <div className={classes.scroll} role="group" aria-label={caption} tabIndex={0}>
      <Table
        highlightOnHover
        className={classes.table}
        style={minWidth ? { '--min-width': `${minWidth}px` } : undefined}
        aria-label={caption}
      >
        <Table.Thead>
          <Table.Tr>
            {columns.map((c) => (
              <Table.Th key={c.key} ta={c.align} w={c.width} data-wide={c.wide || undefined}>
                {c.head ?? <VisuallyHidden>{t('action.actions')}</VisuallyHidden>}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={rowKey(row)}>
              {columns.map((c) => (
                <Table.Td key={c.key} ta={c.align} data-wide={c.wide || undefined}>
                  {c.cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
