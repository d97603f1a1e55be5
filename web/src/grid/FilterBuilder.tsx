import { useState, type FormEvent } from 'react';
import { ActionIcon, Button, Group, SegmentedControl, Text } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { ConditionRow } from './ConditionRow';
import classes from './filter.module.css';
import {
  appendAt,
  childrenOf,
  countConditions,
  defaultOp,
  isGroup,
  joinerOf,
  prune,
  replaceAt,
  setJoiner,
  type Joiner,
  type Path,
} from './model/filter';
import { fromDraft, toDraft } from './model/filterText';
import type { Condition, FieldDef, FilterGroup } from './model/types';

interface Props {
  fields: FieldDef[];
  byName: Map<string, FieldDef>;
  value: FilterGroup | null;
  onApply: (next: FilterGroup | null) => void;
  onClose: () => void;
}

const MAX_DEPTH = 3;

export function newCondition(field: FieldDef): Condition {
  const op = defaultOp(field);
  return field.type === 'bool'
    ? { field: field.name, op, value: 'true' }
    : { field: field.name, op, value: '' };
}

/** Edits a copy of the filter; nothing happens to the list before Apply, which is one step for Back. */
export function FilterBuilder({ fields, byName, value, onApply, onClose }: Props) {
  const { t } = useTranslation();
  const usable = fields.filter((f) => f.filterable !== false);
  const [draft, setDraft] = useState<FilterGroup>(() => {
    const d = toDraft(value, byName);
    const first = usable[0];
    return countConditions(d) > 0 || !first ? d : { and: [newCondition(first)] };
  });
  const apply = (e: FormEvent) => {
    e.preventDefault();
    onApply(prune(fromDraft(draft, byName)));
  };
  return (
    <form className={classes.builder} onSubmit={apply} aria-label={t('grid.filter.title')}>
      <GroupEditor root={draft} path={[]} node={draft} fields={usable} byName={byName} onChange={setDraft} />
      <Group gap={8} mt={12}>
        <Button type="submit" size="xs">
          {t('action.apply')}
        </Button>
        <Button variant="default" size="xs" onClick={onClose}>
          {t('action.close')}
        </Button>
        <Button
          variant="subtle"
          color="gray"
          size="xs"
          ml="auto"
          onClick={() => {
            setDraft({ and: [] });
            onApply(null);
          }}
        >
          {t('grid.filter.clear')}
        </Button>
      </Group>
    </form>
  );
}

interface GroupProps {
  root: FilterGroup;
  path: Path;
  node: FilterGroup;
  fields: FieldDef[];
  byName: Map<string, FieldDef>;
  onChange: (next: FilterGroup) => void;
}

function GroupEditor({ root, path, node, fields, byName, onChange }: GroupProps) {
  const { t } = useTranslation();
  const joiner = joinerOf(node);
  const kids = childrenOf(node);
  const first = fields[0];
  const add = () => first && onChange(appendAt(root, path, newCondition(first)));
  const addGroup = () =>
    first &&
    onChange(
      appendAt(root, path, joiner === 'and' ? { or: [newCondition(first)] } : { and: [newCondition(first)] }),
    );
  return (
    <div
      role="group"
      aria-label={t(`grid.filter.${joiner}Group`)}
      className={classes.group}
      data-nested={path.length > 0 || undefined}
    >
      {(kids.length > 1 || path.length > 0) && (
        <Group gap={8} mb={8}>
          <SegmentedControl
            size="xs"
            value={joiner}
            onChange={(v) => onChange(setJoiner(root, path, v as Joiner))}
            data={[
              { value: 'and', label: t('grid.filter.all') },
              { value: 'or', label: t('grid.filter.any') },
            ]}
            aria-label={t('grid.filter.joiner')}
          />
          <Text size="xs" c="dimmed">
            {t('grid.filter.ofThese')}
          </Text>
          {path.length > 0 && (
            <ActionIcon
              ml="auto"
              size={28}
              aria-label={t('grid.filter.removeGroup')}
              onClick={() => onChange(replaceAt(root, path, null))}
            >
              <IconX size={16} />
            </ActionIcon>
          )}
        </Group>
      )}
      <div className={classes.rows}>
        {kids.map((kid, i) => {
          const at = [...path, i];
          return isGroup(kid) ? (
            <GroupEditor
              key={i}
              root={root}
              path={at}
              node={kid}
              fields={fields}
              byName={byName}
              onChange={onChange}
            />
          ) : (
            <ConditionRow
              key={i}
              condition={kid}
              fields={fields}
              byName={byName}
              autoFocus={path.length === 0 && i === kids.length - 1 && !kid.value}
              onChange={(next) => onChange(replaceAt(root, at, next))}
              onRemove={() => onChange(replaceAt(root, at, null))}
            />
          );
        })}
      </div>
      <Group gap={4} mt={kids.length ? 8 : 0}>
        <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={14} />} onClick={add}>
          {t('grid.filter.addCondition')}
        </Button>
        {path.length < MAX_DEPTH && (
          <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={14} />} onClick={addGroup}>
            {t('grid.filter.addGroup')}
          </Button>
        )}
      </Group>
    </div>
  );
}
