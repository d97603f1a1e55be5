import { useEffect, useRef, useState, type ReactNode } from 'react';
import { ActionIcon, Button, CloseButton, Drawer, Menu, TextInput, Tooltip } from '@mantine/core';
import {
  IconDotsVertical,
  IconFileSpreadsheet,
  IconFileTypeCsv,
  IconFilter,
  IconFilterFilled,
  IconRefresh,
  IconSearch,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { ColumnsMenu } from './ColumnsMenu';
import { FilterBuilder } from './FilterBuilder';
import { FilterChips } from './FilterChips';
import classes from './list.module.css';
import { countConditions } from './model/filter';
import type { CellExport } from './DataGrid';
import { formatInt, type FormatContext } from './model/format';
import type { FilterGroup } from './model/types';
import type { ExportFormat } from './source';
import type { ColumnsModel } from './useColumns';

interface Props {
  q: string;
  onQ: (q: string) => void;
  searchLabel?: string;
  searchable: boolean;
  filter: FilterGroup | null;
  onFilter: (f: FilterGroup | null) => void;
  building: boolean;
  onBuilding: (open: boolean) => void;
  /** A filter to begin with that is not applied yet. */
  seed: FilterGroup | null;
  small: boolean;
  cols: ColumnsModel;
  format: FormatContext;
  exportFormats: ExportFormat[];
  onExport: (f: ExportFormat) => void;
  rangeFormats: ExportFormat[];
  /** The chosen cells, when there are several. */
  range: CellExport | null;
  onExportRange: (f: ExportFormat) => void;
  onRefresh: () => void;
  actions?: ReactNode;
}

/** Search, filter, columns and the menu that holds what the right mouse button holds. */
export function ListToolbar(p: Props) {
  const { t } = useTranslation();
  const count = countConditions(p.filter);
  const filterable = !p.cols.fields || p.cols.fields.some((f) => f.filterable !== false);
  const builder = p.building && p.cols.fields && (
    <FilterBuilder
      key={JSON.stringify(p.seed ?? p.filter)}
      fields={p.cols.fields}
      byName={p.cols.byName}
      value={p.seed ?? p.filter}
      onApply={(f) => {
        p.onFilter(f);
        if (p.small || p.seed) p.onBuilding(false);
      }}
      onClose={() => p.onBuilding(false)}
    />
  );
  return (
    <>
      <div className={classes.toolbar} role="search">
        {p.searchable && <SearchBox q={p.q} onQ={p.onQ} label={p.searchLabel ?? t('grid.search')} />}
        {!filterable ? null : p.small ? (
          <ActionIcon
            variant="default"
            size={34}
            onClick={() => p.onBuilding(!p.building)}
            aria-label={count ? t('grid.filter.buttonCount', { count }) : t('grid.filter.button')}
            aria-expanded={p.building}
            disabled={!p.cols.fields}
          >
            {count ? <IconFilterFilled size={17} /> : <IconFilter size={17} />}
          </ActionIcon>
        ) : (
          <Button
            variant="default"
            leftSection={<IconFilter size={16} />}
            onClick={() => p.onBuilding(!p.building)}
            aria-expanded={p.building}
            disabled={!p.cols.fields}
            className={classes.noShrink}
          >
            {count ? t('grid.filter.buttonCount', { count }) : t('grid.filter.button')}
          </Button>
        )}
        <div className={classes.toolbarEnd}>
          {p.actions}
          <ColumnsMenu
            columns={p.cols.columns}
            fields={p.cols.byName}
            onChange={p.cols.setColumns}
            onReset={p.cols.reset}
          />
          <Menu withInitialFocusPlaceholder={false} position="bottom-end" width={240}>
            <Menu.Target>
              <Tooltip label={t('grid.menu.title')}>
                <ActionIcon variant="default" size={34} aria-label={t('grid.menu.title')}>
                  <IconDotsVertical size={18} />
                </ActionIcon>
              </Tooltip>
            </Menu.Target>
            <Menu.Dropdown>
              {p.range?.rows && p.rangeFormats.length > 0 && (
                <>
                  <Menu.Label>
                    {t('grid.menu.exportCells', {
                      rows: formatInt(p.range.rows.to - p.range.rows.from, p.format.locale),
                      columns: p.range.columns.length,
                    })}
                  </Menu.Label>
                  {p.rangeFormats.map((f) => (
                    <Menu.Item
                      key={f}
                      leftSection={
                        f === 'csv' ? <IconFileTypeCsv size={16} /> : <IconFileSpreadsheet size={16} />
                      }
                      onClick={() => p.onExportRange(f)}
                    >
                      {t(`grid.format.${f}`)}
                    </Menu.Item>
                  ))}
                  <Menu.Divider />
                </>
              )}
              {p.exportFormats.length > 0 && (
                <>
                  <Menu.Label>{t('grid.menu.exportAll')}</Menu.Label>
                  {p.exportFormats.map((f) => (
                    <Menu.Item
                      key={f}
                      leftSection={
                        f === 'csv' ? <IconFileTypeCsv size={16} /> : <IconFileSpreadsheet size={16} />
                      }
                      onClick={() => p.onExport(f)}
                    >
                      {t(`grid.format.${f}`)}
                    </Menu.Item>
                  ))}
                  <Menu.Divider />
                </>
              )}
              <Menu.Item leftSection={<IconRefresh size={16} />} onClick={p.onRefresh}>
                {t('action.refresh')}
              </Menu.Item>
              <Menu.Label>{t('grid.menu.hint')}</Menu.Label>
            </Menu.Dropdown>
          </Menu>
        </div>
      </div>
      {p.small ? (
        <Drawer
          opened={p.building}
          onClose={() => p.onBuilding(false)}
          position="bottom"
          size="85%"
          title={t('grid.filter.title')}
          closeButtonProps={{ 'aria-label': t('action.close') }}
        >
          {builder}
        </Drawer>
      ) : (
        builder
      )}
      {!p.building && (
        <FilterChips
          filter={p.filter}
          byName={p.cols.byName}
          format={p.format}
          onChange={p.onFilter}
          onEdit={() => p.onBuilding(true)}
        />
      )}
    </>
  );
}

const TYPING = 300;

function SearchBox({ q, onQ, label }: { q: string; onQ: (q: string) => void; label: string }) {
  const { t } = useTranslation();
  const [text, setText] = useState(q);
  const sent = useRef(q);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // Back, Forward and views change the words from outside.
  useEffect(() => {
    if (q !== sent.current) {
      sent.current = q;
      setText(q);
    }
  }, [q]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const send = (value: string) => {
    clearTimeout(timer.current);
    if (value === sent.current) return;
    sent.current = value;
    onQ(value);
  };
  return (
    <TextInput
      className={classes.search}
      type="search"
      leftSection={<IconSearch size={16} />}
      aria-label={label}
      placeholder={label}
      value={text}
      rightSection={
        text ? (
          <CloseButton
            size="sm"
            aria-label={t('grid.searchClear')}
            onClick={() => {
              setText('');
              send('');
            }}
          />
        ) : null
      }
      onChange={(e) => {
        const value = e.target.value;
        setText(value);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => send(value), TYPING);
      }}
      onKeyDown={(e) => {
        if (e.key === 'Enter') send(text);
      }}
    />
  );
}
