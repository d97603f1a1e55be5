import { Button } from '@mantine/core';
import { IconBell, IconChecks } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Notice } from '@/api/types';
import { GridMessage, ListPage, type CellRenderers, type FieldDef, type GridRow } from '@/grid';
import { event } from '@/sentences';
import { addressOf, markRead, unreadQuery } from './data';
import classes from './notices.module.css';

type Row = Notice & GridRow;

const newestFirst = [{ field: 'at', desc: true }];
const widths: Record<string, number> = { at: 200, code: 230, name: 240, detail: 340, read: 90 };

/** Everything that concerned the person of late. */
export default function NoticesPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { data: unread = 0 } = useQuery(unreadQuery);
  const refine = useCallback(
    (field: FieldDef): FieldDef => ({ ...field, width: widths[field.name] ?? field.width }),
    [],
  );
  const renderers = useMemo<CellRenderers<Row>>(
    () => ({
      code: (n, cell) => <span className={n.read ? undefined : classes.fresh}>{cell.text}</span>,
      name: (n) => {
        const to = addressOf(n);
        return to ? (
          <Link
            to={to as never}
            tabIndex={-1}
            draggable={false}
            className={classes.record}
            onClick={() => void (n.read || markRead([n.id]))}
          >
            {event(n.name)}
          </Link>
        ) : (
          event(n.name)
        );
      },
    }),
    [],
  );
  return (
    <ListPage<Row>
      target="notices"
      title={t('notices.title')}
      text={t('notices.text')}
      views={false}
      selectable={false}
      refine={refine}
      renderers={renderers}
      rowLabel={(n) => event(n.name)}
      defaultSort={newestFirst}
      onOpen={(n) => {
        const to = addressOf(n);
        if (!n.read) void markRead([n.id]);
        if (to) void navigate({ to: to as never });
      }}
      actions={(list) =>
        unread > 0 && (
          <Button
            variant="default"
            leftSection={<IconChecks size={16} />}
            onClick={() => void markRead().then(list.refresh)}
          >
            {t('notices.markAll')}
          </Button>
        )
      }
      empty={<GridMessage icon={IconBell} title={t('notices.none')} text={t('notices.emptyText')} />}
    />
  );
}
