import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './DataTable.module.css';

export interface TableColumn<T> {
  key: string;
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
  return (
    <div className={classes.scroll} role="region" aria-label={caption} tabIndex={0}>
      <Table highlightOnHover miw={minWidth} className={classes.table} aria-label={caption}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((c) => (
              <Table.Th key={c.key} ta={c.align} w={c.width} data-wide={c.wide || undefined}>
                {c.head}
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
