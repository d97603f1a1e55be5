import type { ReactNode } from 'react';
import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './list.module.css';
import type { ListContext } from './ListPage';
import { formatInt } from './model/format';
import type { GridRow } from './model/types';
import type { ExportFormat } from './source';

interface Props<T extends GridRow> {
  ctx: ListContext<T>;
  locale: string;
  onAll: () => void;
  exportFormats: ExportFormat[];
  children: ReactNode;
}

/** How many rows are chosen, how to choose all that match, and what can be done with them. */
export function SelectionBar<T extends GridRow>({ ctx, locale, onAll, exportFormats, children }: Props<T>) {
  const { t } = useTranslation();
  const all = ctx.selection.mode === 'all';
  const n = formatInt(ctx.selected, locale);
  const total = formatInt(ctx.total, locale);
  const words = all
    ? t(ctx.totalIsExact ? 'grid.selection.all' : 'grid.selection.allAbout', { count: ctx.selected, n })
    : t('grid.selection.some', { count: ctx.selected, n });
  return (
    <div className={classes.selection} role="region" aria-label={t('grid.selection.title')}>
      <strong aria-live="polite">{words}</strong>
      {!all && ctx.selected < ctx.total && (
        <button type="button" className={classes.linkButton} onClick={onAll}>
          {t(ctx.totalIsExact ? 'grid.selection.takeAll' : 'grid.selection.takeAllAbout', {
            count: ctx.total,
            n: total,
          })}
        </button>
      )}
      <button type="button" className={classes.linkButton} onClick={ctx.clearSelection}>
        {t('grid.selection.clear')}
      </button>
      <div className={classes.selectionActions}>
        {exportFormats.length > 0 && (
          <Menu withInitialFocusPlaceholder={false} position="bottom-end">
            <Menu.Target>
              <Button size="xs" variant="default" leftSection={<IconDownload size={15} />}>
                {t('grid.export')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {exportFormats.map((f) => (
                <Menu.Item key={f} onClick={() => ctx.exportFile(f, 'selection')}>
                  {t(`grid.format.${f}`)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
        {children}
      </div>
    </div>
  );
}
