import { useMemo } from 'react';
import { IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './filter.module.css';
import { childrenOf, isGroup, prune, replaceAt } from './model/filter';
import { nodeText, type TextTools } from './model/filterText';
import { formatDate, formatNumber, type FormatContext } from './model/format';
import type { FieldDef, FilterGroup, FilterNode } from './model/types';
import { codeName, isCodeKind } from '@/i18n/names';
import { useRefNames } from './refs';

function references(n: FilterNode, byName: Map<string, FieldDef>): { field: FieldDef; id: string }[] {
  if (isGroup(n)) return childrenOf(n).flatMap((k) => references(k, byName));
  const field = byName.get(n.field);
  if (!field || (field.type !== 'ref' && field.type !== 'multiref') || n.value === undefined) return [];
  return (Array.isArray(n.value) ? n.value : [n.value]).map((v) => ({ field, id: String(v) }));
}

/** The tools to say a filter in the reader's words. */
export function useFilterText(
  filter: FilterGroup | null,
  byName: Map<string, FieldDef>,
  format: FormatContext,
): TextTools {
  const { t } = useTranslation();
  const names = useRefNames(filter ? references(filter, byName) : []);
  return useMemo(
    () => ({
      op: (family, op) => t(`grid.op.${family}.${op}`),
      and: t('grid.filter.wordAnd'),
      or: t('grid.filter.wordOr'),
      yes: t('state.yes'),
      no: t('state.no'),
      value: (field, v) => {
        const text = String(v);
        if (field.type === 'date' || field.type === 'day')
          return formatDate(text.slice(0, 10), 'day', format);
        if (field.type === 'money' || field.type === 'number' || field.type === 'int')
          return formatNumber(text, format.locale);
        if (isCodeKind(field.name)) return codeName(field.name, text, format.locale);
        const label = field.choices?.find((c) => c.value === text)?.label ?? names.get(text);
        return label ?? (field.type === 'text' ? `“${text}”` : text);
      },
    }),
    [t, format, names],
  );
}

interface Props {
  filter: FilterGroup | null;
  byName: Map<string, FieldDef>;
  format: FormatContext;
  onChange: (next: FilterGroup | null) => void;
  onEdit: () => void;
}

/** What narrows the list, one chip a part; each can be removed by itself. */
export function FilterChips({ filter, byName, format, onChange, onEdit }: Props) {
  const { t } = useTranslation();
  const tools = useFilterText(filter, byName, format);
  const clean = prune(filter);
  if (!clean || byName.size === 0) return null;
  const parts = 'or' in clean ? [clean as FilterNode] : childrenOf(clean);
  return (
    <ul className={classes.chips} aria-label={t('grid.filter.active')}>
      {parts.map((part, i) => {
        const text = nodeText(part, byName, tools);
        return (
          <li key={`${i}${text}`} className={classes.chip}>
            <button type="button" className={classes.chipText} onClick={onEdit} title={text}>
              {text}
            </button>
            <button
              type="button"
              className={classes.chipRemove}
              aria-label={t('grid.filter.remove', { name: text })}
              onClick={() => onChange('or' in clean ? null : prune(replaceAt(clean, [i], null)))}
            >
              <IconX size={13} aria-hidden />
            </button>
          </li>
        );
      })}
      {parts.length > 1 && (
        <li>
          <button type="button" className={classes.chipClear} onClick={() => onChange(null)}>
            {t('grid.filter.clear')}
          </button>
        </li>
      )}
    </ul>
  );
}
