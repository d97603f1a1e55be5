import { IconClock } from '@tabler/icons-react';
import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { ScheduledChange } from '@/api/types';
import {
  CellLink,
  GridMessage,
  ListPage,
  type CellRenderers,
  type FieldDef,
  type GridRow,
  type Preset,
} from '@/grid';
import { ScheduledBadge, useScheduledName } from './states';

type Row = ScheduledChange & GridRow;

const states = (...value: string[]) => ({ and: [{ field: 'state', op: 'in' as const, value }] });
const shown: [string, ReturnType<typeof states>][] = [
  ['open', states('pending')],
  ['conflicted', states('conflicted')],
  ['ended', states('applied', 'failed', 'cancelled')],
];
const latestFirst = [{ field: 'apply_at', desc: true }];

/** /delayed-saves */
export default function DelayedListPage() {
  const { t } = useTranslation();
  const name = useScheduledName();
  const presets = shown.map(([id, filter]): Preset => ({ id, filter, label: t(`schedule.filter.${id}`) }));
  const refine = useCallback(
    (field: FieldDef): FieldDef => {
      const words: Record<string, string> = { op: 'op', state: 'state', resource: 'resource' };
      const of = words[field.name];
      const label = t(`schedule.column.${field.name}`, { defaultValue: field.label });
      if (!of) return { ...field, label };
      return {
        ...field,
        label,
        choices: (field.choices ?? []).map((c) => ({ ...c, label: t(`schedule.${of}.${c.value}`) })),
      };
    },
    [t],
  );
  const renderers = useMemo<CellRenderers<Row>>(
    () => ({
      row_name: (c) => <CellLink to={`/delayed-saves/${c.id}`}>{name(c)}</CellLink>,
      state: (c) => <ScheduledBadge state={c.state} plain />,
    }),
    [name],
  );
  return (
    <ListPage<Row>
      target="scheduled_changes"
      path="/scheduled-changes"
      title={t('schedule.title')}
      text={t('schedule.text')}
      pinned={['row_name']}
      refine={refine}
      selectable={false}
      presets={presets}
      renderers={renderers}
      rowHref={(c) => `/delayed-saves/${c.id}`}
      rowLabel={name}
      defaultSort={latestFirst}
      empty={<GridMessage icon={IconClock} title={t('schedule.empty')} text={t('schedule.emptyText')} />}
    />
  );
}
