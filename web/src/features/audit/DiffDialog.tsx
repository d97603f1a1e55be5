import { Modal, SegmentedControl, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditEntry } from '@/api/types';
import { useFieldLabel } from '@/form/fields';
import { useFormats } from '@/i18n/format';
import { event } from '@/sentences';
import { Masked } from '@/ui/Masked';
import { FieldHistory } from './FieldHistory';
import { sideJson, useValueText } from './valueText';
import classes from './audit.module.css';

type Mode = 'side' | 'json';

/** One change in full: side by side, or as previous and current JSON. */
export function DiffDialog({ entry, onClose }: { entry: AuditEntry; onClose: () => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const [mode, setMode] = useState<Mode>('side');
  return (
    <Modal
      opened
      onClose={onClose}
      size={900}
      title={t('audit.differenceTitle', { name: entry.row_name || entry.row_id })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Stack gap="md">
        <Text c="dimmed">
          {f.exact(entry.at)} · {entry.actor.name} · {event(entry.message)}
          {entry.comment && ` · ${entry.comment}`}
        </Text>
        {entry.erased_at && <Text>{t('audit.erasedOn', { when: f.exact(entry.erased_at) })}</Text>}
        <SegmentedControl
          aria-label={t('audit.show')}
          value={mode}
          onChange={(v) => setMode(v as Mode)}
          data={[
            { value: 'side', label: t('audit.sideBySide') },
            { value: 'json', label: t('audit.json') },
          ]}
        />
        {mode === 'side' ? <SideBySide entry={entry} /> : <Json entry={entry} />}
        {entry.request_id && (
          <Text size="xs" c="dimmed">
            {t('audit.request')} <span className="mono">{entry.request_id}</span>
          </Text>
        )}
      </Stack>
    </Modal>
  );
}

function SideBySide({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation();
  const label = useFieldLabel(entry.table);
  const said = useValueText();
  if (entry.changes.length === 0) return <Text>{t('audit.noFields')}</Text>;
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('audit.sideBySide')}>
      <Table withTableBorder withColumnBorders layout="fixed" miw={480}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w="26%">{t('audit.field')}</Table.Th>
            <Table.Th>{t('audit.old')}</Table.Th>
            <Table.Th>{t('audit.new')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {entry.changes.map((c) => (
            <Table.Tr key={c.field}>
              <Table.Td className={classes.cell}>
                <FieldHistory table={entry.table} id={entry.row_id} field={c.field} label={label(c.field)} />
              </Table.Td>
              <Table.Td className={classes.oldCell}>
                {c.masked ? <Masked /> : said(c.field, c.old) || t('state.empty')}
              </Table.Td>
              <Table.Td className={classes.newCell}>
                {c.masked ? <Masked /> : said(c.field, c.new) || t('state.empty')}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Json({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation();
  return (
    <div className={classes.pair}>
      {(['old', 'new'] as const).map((side) => (
        <div key={side}>
          <Text fw={600} mb={4}>
            {side === 'old' ? t('audit.previous') : t('audit.current')}
          </Text>
          <pre
            className={classes.json}
            tabIndex={0}
            aria-label={side === 'old' ? t('audit.previous') : t('audit.current')}
          >
            {sideJson(entry.changes, side)}
          </pre>
        </div>
      ))}
    </div>
  );
}
