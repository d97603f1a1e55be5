import { Button, Group, Modal, Radio, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { same, type Values } from './useRecordForm';
import classes from './StaleDialog.module.css';

export type Choice = 'mine' | 'theirs';

interface Props {
  /** What the form was filled with. */
  base: Values;
  mine: Values;
  /** What the server has now. */
  theirs: Values;
  label: (field: string) => string;
  show: (field: string, value: unknown) => string;
  pending?: boolean;
  onClose: () => void;
  /** The values to save against the new version. */
  onResolve: (values: Values) => void;
}

/** Two people changed one record: both values are shown, and the person chooses for each field. */
export function StaleDialog({ base, mine, theirs, label, show, pending, onClose, onResolve }: Props) {
  const { t } = useTranslation();
  const fields = Object.keys({ ...base, ...mine });
  const byThem = fields.filter((f) => !same(theirs[f], base[f]));
  const byMe = fields.filter((f) => !same(mine[f], base[f]));
  const both = byMe.filter((f) => byThem.includes(f) && !same(mine[f], theirs[f]));
  const onlyThem = byThem.filter((f) => !byMe.includes(f));
  const [choice, setChoice] = useState<Record<string, Choice>>({});
  const undecided = both.filter((f) => !choice[f]);

  const resolve = () => {
    const values: Values = { ...theirs };
    for (const f of byMe) if (!both.includes(f) || choice[f] === 'mine') values[f] = mine[f];
    onResolve(values);
  };

  return (
    <Modal
      opened
      onClose={onClose}
      size={720}
      title={t('stale.title')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Stack gap="md">
        <Text>{both.length > 0 ? t('stale.text') : t('stale.textNoConflict')}</Text>
        {both.map((field) => (
          <Radio.Group
            key={field}
            label={label(field)}
            value={choice[field] ?? ''}
            onChange={(v) => setChoice((old) => ({ ...old, [field]: v as Choice }))}
          >
            <div className={classes.pair}>
              {(['mine', 'theirs'] as const).map((side) => (
                <Radio.Card key={side} value={side} className={classes.card}>
                  <Group wrap="nowrap" align="flex-start" gap={10}>
                    <Radio.Indicator />
                    <div className={classes.value}>
                      <Text size="xs" c="dimmed">
                        {t(`stale.${side}`)}
                      </Text>
                      <Text>
                        {show(field, side === 'mine' ? mine[field] : theirs[field]) || t('state.empty')}
                      </Text>
                    </div>
                  </Group>
                </Radio.Card>
              ))}
            </div>
          </Radio.Group>
        ))}
        {onlyThem.length > 0 && (
          <div>
            <Text fw={600} mb={4}>
              {t('stale.also')}
            </Text>
            <Table withTableBorder layout="fixed">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('audit.field')}</Table.Th>
                  <Table.Th>{t('audit.old')}</Table.Th>
                  <Table.Th>{t('audit.new')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {onlyThem.map((f) => (
                  <Table.Tr key={f}>
                    <Table.Td>{label(f)}</Table.Td>
                    <Table.Td>{show(f, base[f]) || t('state.empty')}</Table.Td>
                    <Table.Td>{show(f, theirs[f]) || t('state.empty')}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.back')}
          </Button>
          <Button onClick={resolve} disabled={undecided.length > 0} loading={pending}>
            {t('stale.save')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
