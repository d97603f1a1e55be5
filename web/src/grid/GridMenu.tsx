import { useState, type ReactNode } from 'react';
import { Menu } from '@mantine/core';
import {
  IconArrowBarLeft,
  IconArrowBarRight,
  IconArrowDown,
  IconArrowUp,
  IconCopy,
  IconExternalLink,
  IconEyeOff,
  IconFileSpreadsheet,
  IconFileTypeCsv,
  IconFilter,
  IconPin,
  IconPinnedOff,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { CellExport } from './DataGrid';
import classes from './grid.module.css';
import { moveBy, setHidden, setPinned, type ColumnState } from './model/columns';
import type { CellRange, FieldDef, SortKey } from './model/types';
import type { ExportFormat } from './source';

export interface MenuAt {
  x: number;
  y: number;
  /** A header's column by place, or null for cells. */
  header: number | null;
}

interface Props {
  at: MenuAt | null;
  onClose: () => void;
  rect: CellRange | null;
  columns: ColumnState[];
  vis: ColumnState[];
  fields: Map<string, FieldDef>;
  colFields: FieldDef[];
  sort: SortKey[];
  onSort: (field: string, add: boolean, desc?: boolean | null) => void;
  onColumns: (next: ColumnState[]) => void;
  onFilterColumn?: (field: FieldDef) => void;
  onCopy: (headers: boolean) => void;
  onExport?: (req: CellExport) => void;
  exportFormats: ExportFormat[];
  rangeFormats: ExportFormat[];
  onOpen?: () => void;
}

/** The menu of a cell range or of a column, where the pointer or the active cell is. */
export function GridMenu(p: Props) {
  // The last place is kept while the menu fades out.
  const [last, setLast] = useState<MenuAt | null>(null);
  if (p.at && p.at !== last) setLast(p.at);
  const at = p.at ?? last;
  return (
    <Menu
      withInitialFocusPlaceholder={false}
      opened={p.at !== null}
      onClose={p.onClose}
      position="bottom-start"
      offset={2}
      width={240}
      returnFocus={false}
    >
      <Menu.Target>
        <span
          aria-hidden
          style={{
            position: 'fixed',
            left: at?.x ?? 0,
            top: at?.y ?? 0,
            width: 1,
            height: 1,
            pointerEvents: 'none',
          }}
        />
      </Menu.Target>
      <Menu.Dropdown className={classes.menu}>
        {at && (at.header !== null ? <HeaderItems p={p} col={at.header} /> : <CellItems p={p} />)}
      </Menu.Dropdown>
    </Menu>
  );
}

const icon = (format: ExportFormat): ReactNode =>
  format === 'csv' ? <IconFileTypeCsv size={16} /> : <IconFileSpreadsheet size={16} />;

function CellItems({ p }: { p: Props }) {
  const { t } = useTranslation();
  const cols = p.rect ? p.colFields.slice(p.rect.left, p.rect.right + 1) : [];
  const rows = p.rect ? { from: p.rect.top, to: p.rect.bottom + 1 } : null;
  return (
    <>
      <Menu.Item
        leftSection={<IconCopy size={16} />}
        rightSection={<kbd>Ctrl C</kbd>}
        disabled={!rows}
        onClick={() => p.onCopy(false)}
      >
        {t('grid.menu.copy')}
      </Menu.Item>
      <Menu.Item leftSection={<IconCopy size={16} />} disabled={!rows} onClick={() => p.onCopy(true)}>
        {t('grid.menu.copyHeaders')}
      </Menu.Item>
      {p.onOpen && (
        <Menu.Item
          leftSection={<IconExternalLink size={16} />}
          rightSection={<kbd>↵</kbd>}
          onClick={p.onOpen}
        >
          {t('grid.menu.open')}
        </Menu.Item>
      )}
      {p.onExport && (
        <>
          <Menu.Divider />
          <Menu.Label>{t('grid.menu.exportSelection')}</Menu.Label>
          {p.rangeFormats.map((f) => (
            <Menu.Item
              key={f}
              leftSection={icon(f)}
              rightSection={<kbd>{f === 'csv' ? 'Ctrl S' : 'Ctrl ⇧ S'}</kbd>}
              disabled={!rows}
              onClick={() => p.onExport?.({ format: f, headers: true, rows, columns: cols })}
            >
              {t(`grid.format.${f}`)}
            </Menu.Item>
          ))}
          {p.exportFormats.length > 0 && <Menu.Label>{t('grid.menu.exportAll')}</Menu.Label>}
          {p.exportFormats.map((f) => (
            <Menu.Item
              key={f}
              leftSection={icon(f)}
              onClick={() => p.onExport?.({ format: f, headers: true, rows: null, columns: p.colFields })}
            >
              {t(`grid.format.${f}`)}
            </Menu.Item>
          ))}
        </>
      )}
    </>
  );
}

function HeaderItems({ p, col }: { p: Props; col: number }) {
  const { t } = useTranslation();
  const c = p.vis[col];
  const field = c && p.fields.get(c.name);
  if (!c || !field) return null;
  const own = p.columns.find((x) => x.name === c.name) ?? c;
  const others = p.sort.length > 0 && !p.sort.some((s) => s.field === c.name);
  return (
    <>
      <Menu.Label>{field.label}</Menu.Label>
      {field.sortable && (
        <>
          <Menu.Item leftSection={<IconArrowUp size={16} />} onClick={() => p.onSort(c.name, false, false)}>
            {t('grid.menu.sortAscending')}
          </Menu.Item>
          <Menu.Item leftSection={<IconArrowDown size={16} />} onClick={() => p.onSort(c.name, false, true)}>
            {t('grid.menu.sortDescending')}
          </Menu.Item>
          {others && (
            <Menu.Item leftSection={<IconArrowUp size={16} />} onClick={() => p.onSort(c.name, true)}>
              {t('grid.menu.sortAlso')}
            </Menu.Item>
          )}
        </>
      )}
      {field.filterable && p.onFilterColumn && (
        <Menu.Item leftSection={<IconFilter size={16} />} onClick={() => p.onFilterColumn?.(field)}>
          {t('grid.menu.filter')}
        </Menu.Item>
      )}
      <Menu.Divider />
      <Menu.Item
        leftSection={own.pinned ? <IconPinnedOff size={16} /> : <IconPin size={16} />}
        onClick={() => p.onColumns(setPinned(p.columns, c.name, !own.pinned))}
      >
        {own.pinned ? t('grid.menu.unpin') : t('grid.menu.pin')}
      </Menu.Item>
      <Menu.Item
        leftSection={<IconArrowBarLeft size={16} />}
        onClick={() => p.onColumns(moveBy(p.columns, c.name, -1))}
      >
        {t('grid.menu.moveLeft')}
      </Menu.Item>
      <Menu.Item
        leftSection={<IconArrowBarRight size={16} />}
        onClick={() => p.onColumns(moveBy(p.columns, c.name, 1))}
      >
        {t('grid.menu.moveRight')}
      </Menu.Item>
      <Menu.Item
        leftSection={<IconEyeOff size={16} />}
        disabled={p.vis.length < 2}
        onClick={() => p.onColumns(setHidden(p.columns, c.name, true))}
      >
        {t('grid.menu.hide')}
      </Menu.Item>
    </>
  );
}
