import { Loader, Modal, Text, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import {
  IconAddressBook,
  IconArrowRight,
  IconFileText,
  IconFolder,
  IconSearch,
  IconUser,
  type Icon,
} from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { SearchHit } from '@/api/types';
import { useCan } from '@/app/session';
import { navItems, paletteActions } from '@/app/wings';
import classes from './Palette.module.css';

interface Entry {
  key: string;
  group: 'found' | 'actions' | 'pages';
  icon: Icon;
  title: string;
  subtitle?: string;
  to: string;
}

const hitIcons: Record<string, Icon> = {
  customer: IconUser,
  provider: IconUser,
  reseller: IconUser,
  contact: IconAddressBook,
  group: IconFolder,
};

/** The path inside the console for a hit; the server may send a full path or none. */
function hitAddress(hit: SearchHit): string {
  if (hit.url.startsWith('/') && !hit.url.startsWith('//') && !hit.url.startsWith('/api/')) return hit.url;
  return hit.type === 'group' ? `/groups/${hit.id}` : `/customers/${hit.id}`;
}

const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

function useEntries(q: string): { entries: Entry[]; busy: boolean; failed: boolean } {
  const { t } = useTranslation();
  const can = useCan();
  const [late] = useDebouncedValue(q.trim(), 140);
  const search = useQuery({
    queryKey: ['search', late],
    queryFn: ({ signal }) => api.get<{ items: SearchHit[] }>('/search', { query: { q: late }, signal }),
    enabled: late.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
  const entries = useMemo(() => {
    const wanted = fold(q.trim());
    const matches = (text: string) => wanted === '' || fold(text).includes(wanted);
    const hits = q.trim() === '' ? [] : (search.data?.items ?? []);
    const found = hits.map<Entry>((hit) => ({
      key: `hit/${hit.type}/${hit.id}`,
      group: 'found',
      icon: hitIcons[hit.type] ?? IconFileText,
      title: hit.title,
      subtitle: hit.subtitle,
      to: hitAddress(hit),
    }));
    const actions = paletteActions
      .filter((a) => can(a.permission) && matches(t(a.label)))
      .map<Entry>((a) => ({
        key: `do/${a.to}`,
        group: 'actions',
        icon: a.icon,
        title: t(a.label),
        to: a.to,
      }));
    const pages = navItems
      .filter((n) => can(n.permission, n.whole) && matches(t(n.label)))
      .map<Entry>((n) => ({ key: `go/${n.to}`, group: 'pages', icon: n.icon, title: t(n.label), to: n.to }));
    return [...found, ...actions, ...pages];
  }, [q, search.data, can, t]);
  const busy = q.trim() !== '' && (search.isFetching || late !== q.trim());
  return { entries, busy, failed: search.isError && q.trim() !== '' };
}

export default function Palette({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal.Root opened={opened} onClose={onClose} size={600}>
      <Modal.Overlay />
      {/* Not by className, which the frame around it would get as well. */}
      <Modal.Content aria-label={t('palette.title')} classNames={{ content: classes.content }}>
        {/* A new one each time: yesterday's words are not wanted. */}
        <PaletteBody onClose={onClose} />
      </Modal.Content>
    </Modal.Root>
  );
}

function PaletteBody({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const router = useRouter();
  const id = useId();
  const [q, setQ] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const { entries, busy, failed } = useEntries(q);
  const current = Math.min(at, entries.length - 1);

  const pick = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    // Addresses here may carry a query, so they go in as they are.
    router.history.push(entry.to);
  };
  const move = (to: number) => {
    const next = (to + entries.length) % Math.max(entries.length, 1);
    setAt(next);
    list.current?.querySelector(`[data-index="${next}"]`)?.scrollIntoView({ block: 'nearest' });
  };
  const onKey = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: current + 1, ArrowUp: current - 1 };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      move(step);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      pick(entries[current]);
    }
  };

  return (
    <>
      <div className={classes.search}>
        <IconSearch size={18} aria-hidden />
        <input
          data-autofocus
          className={classes.input}
          role="combobox"
          aria-expanded
          aria-controls={id}
          aria-activedescendant={entries.length > 0 ? `${id}-${current}` : undefined}
          aria-autocomplete="list"
          aria-label={t('palette.title')}
          placeholder={t('palette.placeholder')}
          value={q}
          onChange={(e) => {
            setQ(e.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKey}
          autoComplete="off"
          spellCheck={false}
        />
        <span className={classes.busy}>{busy && <Loader size={16} aria-label={t('state.loading')} />}</span>
      </div>
      <div
        className={classes.list}
        role="listbox"
        id={id}
        aria-label={t('palette.results')}
        ref={list}
        tabIndex={-1}
      >
        {entries.map((entry, i) => (
          <Row
            key={entry.key}
            entry={entry}
            id={`${id}-${i}`}
            index={i}
            active={i === current}
            head={entries[i - 1]?.group !== entry.group ? t(`palette.${entry.group}`) : undefined}
            onHover={() => setAt(i)}
            onPick={() => pick(entry)}
          />
        ))}
      </div>
      {entries.length === 0 && !busy && (
        <Text c="dimmed" p="md" pt={4}>
          {failed ? t('palette.failed') : t('palette.nothing', { q })}
        </Text>
      )}
      <VisuallyHidden role="status">{t('palette.count', { count: entries.length })}</VisuallyHidden>
    </>
  );
}

interface RowProps {
  entry: Entry;
  id: string;
  index: number;
  active: boolean;
  head?: string;
  onHover: () => void;
  onPick: () => void;
}

function Row({ entry, id, index, active, head, onHover, onPick }: RowProps) {
  const Glyph = entry.icon;
  return (
    <>
      {head && (
        <div className={classes.head} role="presentation">
          {head}
        </div>
      )}
      <div
        id={id}
        role="option"
        aria-selected={active}
        data-index={index}
        className={classes.row}
        onMouseMove={active ? undefined : onHover}
        onClick={onPick}
      >
        <Glyph size={18} stroke={1.6} aria-hidden />
        <span className="truncate">{entry.title}</span>
        {entry.subtitle && <span className={classes.subtitle}>{entry.subtitle}</span>}
        {active && <IconArrowRight size={16} className={classes.arrow} aria-hidden />}
      </div>
    </>
  );
}
