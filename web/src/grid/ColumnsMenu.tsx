import { useState } from 'react';
import { ActionIcon, Button, Checkbox, Popover, ScrollArea, TextInput, Tooltip } from '@mantine/core';
import {
  IconArrowDown,
  IconArrowUp,
  IconColumns3,
  IconPin,
  IconPinFilled,
  IconSearch,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './columns.module.css';
import { setHidden, setPinned, type ColumnState } from './model/columns';
import type { FieldDef } from './model/types';

interface Props {
  columns: ColumnState[];
  fields: Map<string, FieldDef>;
  onChange: (next: ColumnState[]) => void;
  onReset: () => void;
}

/** Swaps with the neighbour in the whole list, hidden ones included, on the same side of the pin. */
function shift(cols: ColumnState[], i: number, by: -1 | 1): ColumnState[] {
  const j = i + by;
  if (!cols[j] || cols[j].pinned !== cols[i]!.pinned) return cols;
  const out = cols.slice();
  [out[i], out[j]] = [out[j]!, out[i]!];
  return out;
}

/** Which columns show, in which order, and which stay at the left: without a mouse and on small screens as well. */
export function ColumnsMenu({ columns, fields, onChange, onReset }: Props) {
  const { t } = useTranslation();
  const [q, setQ] = useState('');
  const shown = columns.filter((c) => !c.hidden).length;
  const needle = q.trim().toLowerCase();
  return (
    <Popover position="bottom-end" width={320} trapFocus onClose={() => setQ('')}>
      <Popover.Target>
        <Tooltip label={t('grid.columns.title')}>
          <ActionIcon variant="default" size={34} aria-label={t('grid.columns.title')}>
            <IconColumns3 size={18} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={8} aria-label={t('grid.columns.title')}>
        <TextInput
          size="xs"
          leftSection={<IconSearch size={14} />}
          placeholder={t('grid.columns.find')}
          aria-label={t('grid.columns.find')}
          value={q}
          onChange={(e) => setQ(e.target.value)}
          mb={6}
        />
        <ScrollArea.Autosize mah={360} type="auto" offsetScrollbars="y">
          <ul className={classes.list}>
            {columns.map((c, i) => {
              const label = fields.get(c.name)?.label ?? c.name;
              if (needle && !label.toLowerCase().includes(needle)) return null;
              return (
                <li key={c.name} className={classes.item}>
                  <Checkbox
                    size="xs"
                    className={classes.check}
                    label={label}
                    checked={!c.hidden}
                    disabled={!c.hidden && shown === 1}
                    onChange={(e) => onChange(setHidden(columns, c.name, !e.target.checked))}
                  />
                  <ActionIcon
                    size={26}
                    aria-label={t('grid.columns.up', { name: label })}
                    disabled={shift(columns, i, -1) === columns}
                    onClick={() => onChange(shift(columns, i, -1))}
                  >
                    <IconArrowUp size={14} />
                  </ActionIcon>
                  <ActionIcon
                    size={26}
                    aria-label={t('grid.columns.down', { name: label })}
                    disabled={shift(columns, i, 1) === columns}
                    onClick={() => onChange(shift(columns, i, 1))}
                  >
                    <IconArrowDown size={14} />
                  </ActionIcon>
                  <ActionIcon
                    size={26}
                    aria-label={t(c.pinned ? 'grid.columns.unpin' : 'grid.columns.pin', { name: label })}
                    aria-pressed={c.pinned}
                    onClick={() => onChange(setPinned(columns, c.name, !c.pinned))}
                  >
                    {c.pinned ? <IconPinFilled size={14} /> : <IconPin size={14} />}
                  </ActionIcon>
                </li>
              );
            })}
          </ul>
        </ScrollArea.Autosize>
        <Button variant="subtle" size="compact-xs" mt={6} onClick={onReset}>
          {t('grid.columns.reset')}
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}
