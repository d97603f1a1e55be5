import { useState, type FormEvent } from 'react';
import { Button, Checkbox, Group, Menu, Modal, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import {
  IconBookmark,
  IconCheck,
  IconChevronDown,
  IconDeviceFloppy,
  IconPencil,
  IconPin,
  IconPlus,
  IconStar,
  IconTrash,
  IconUsers,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useCan } from '@/app/session';
import { ProblemAlert, problemText } from '@/ui/ProblemAlert';
import classes from './views.module.css';
import type { ColumnState } from './model/columns';
import type { FilterGroup, ListQuery, SortKey } from './model/types';
import { queryKey } from './model/urlState';
import { sameAsView, viewBody, type useViews, type View } from './useViews';

/** A filter that comes with the list. */
export interface Preset {
  id: string;
  label: string;
  filter: FilterGroup;
  sort?: SortKey[];
}

interface Props {
  model: ReturnType<typeof useViews>;
  current: View | undefined;
  query: ListQuery;
  columns: ColumnState[];
  /** Nothing narrows the list. */
  everything: boolean;
  presets?: Preset[];
  onPreset: (p: Preset) => void;
  onPick: (v: View | null) => void;
}

type Dialog = { kind: 'save' } | { kind: 'edit'; view: View } | { kind: 'delete'; view: View } | null;

const isPreset = (x: Preset, query: ListQuery) =>
  queryKey({ q: '', filter: x.filter, sort: [] }) === queryKey({ ...query, sort: [] });

/** Pinned views as tabs, the others in a menu; saving, sharing, renaming and removing them. */
export function ViewPicker(p: Props) {
  const { model, current, query, columns, everything, onPick } = p;
  const { t } = useTranslation();
  const can = useCan();
  const [dialog, setDialog] = useState<Dialog>(null);
  const pinned = model.views.filter((v) => v.pinned || v.id === current?.id);
  const changed = !!current && !sameAsView(current, query);
  const mayWrite = can('view.write');
  // Somebody else's view can be pinned and be one's default, and nothing else.
  const mayEdit = (v: View) => mayWrite && v.mine;

  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      notifications.show({ color: 'red', message: problemText(error, t) });
    }
  };

  return (
    <nav className={classes.root} aria-label={t('grid.views.title')}>
      <button
        type="button"
        className={classes.tab}
        aria-current={!current && everything ? 'true' : undefined}
        onClick={() => onPick(null)}
      >
        {t('grid.views.all')}
      </button>
      {p.presets?.map((x) => (
        <button
          key={x.id}
          type="button"
          className={classes.tab}
          aria-current={!current && isPreset(x, query) ? 'true' : undefined}
          onClick={() => p.onPreset(x)}
        >
          {x.label}
        </button>
      ))}
      {pinned.map((v) => (
        <button
          key={v.id}
          type="button"
          className={classes.tab}
          aria-current={current?.id === v.id ? 'true' : undefined}
          onClick={() => onPick(v)}
        >
          {v.name}
          {current?.id === v.id && changed && (
            <span className={classes.changed} title={t('grid.views.changed')}>
              *
            </span>
          )}
        </button>
      ))}
      <Menu withInitialFocusPlaceholder={false} position="bottom-start" width={280}>
        <Menu.Target>
          <button type="button" className={classes.tab}>
            <IconBookmark size={14} aria-hidden />
            {t('grid.views.menu')}
            <IconChevronDown size={13} aria-hidden />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {model.views.length === 0 && <Menu.Label>{t('grid.views.none')}</Menu.Label>}
          {model.views.map((v) => (
            <Menu.Item
              key={v.id}
              leftSection={v.shared ? <IconUsers size={16} /> : <IconBookmark size={16} />}
              rightSection={
                <Group gap={2} wrap="nowrap">
                  {v.default && <IconStar size={14} aria-label={t('grid.views.isDefault')} />}
                  {v.pinned && <IconPin size={14} aria-label={t('grid.views.isPinned')} />}
                  {current?.id === v.id && <IconCheck size={14} aria-label={t('grid.views.isCurrent')} />}
                </Group>
              }
              disabled={v.masked}
              onClick={() => onPick(v)}
            >
              {v.name}
              {v.masked && (
                <Text size="xs" c="dimmed">
                  {t('masked.view')}
                </Text>
              )}
            </Menu.Item>
          ))}
          {mayWrite && (
            <>
              <Menu.Divider />
              {current && changed && mayEdit(current) && (
                <Menu.Item
                  leftSection={<IconDeviceFloppy size={16} />}
                  onClick={() =>
                    attempt(() => model.update(current, viewBody(query, columns) as Partial<View>))
                  }
                >
                  {t('grid.views.update', { name: current.name })}
                </Menu.Item>
              )}
              <Menu.Item leftSection={<IconPlus size={16} />} onClick={() => setDialog({ kind: 'save' })}>
                {t('grid.views.save')}
              </Menu.Item>
              {current && (
                <Menu.Item
                  leftSection={<IconPencil size={16} />}
                  onClick={() => setDialog({ kind: 'edit', view: current })}
                >
                  {t(current.mine ? 'grid.views.edit' : 'grid.views.marks', { name: current.name })}
                </Menu.Item>
              )}
              {current && mayEdit(current) && (
                <Menu.Item
                  leftSection={<IconTrash size={16} />}
                  color="red"
                  onClick={() => setDialog({ kind: 'delete', view: current })}
                >
                  {t('grid.views.delete', { name: current.name })}
                </Menu.Item>
              )}
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {current && changed && mayEdit(current) && (
        <button
          type="button"
          className={classes.tab}
          onClick={() => attempt(() => model.update(current, viewBody(query, columns) as Partial<View>))}
        >
          <IconDeviceFloppy size={14} aria-hidden />
          {t('grid.views.updateShort')}
        </button>
      )}
      {mayWrite && !current && !everything && (
        <button type="button" className={classes.tab} onClick={() => setDialog({ kind: 'save' })}>
          <IconDeviceFloppy size={14} aria-hidden />
          {t('grid.views.saveShort')}
        </button>
      )}
      {(dialog?.kind === 'save' || dialog?.kind === 'edit') && (
        <ViewForm
          view={dialog.kind === 'edit' ? dialog.view : undefined}
          mayShare={can('view.share')}
          onClose={() => setDialog(null)}
          onSave={async (body) => {
            const v =
              dialog.kind === 'edit'
                ? await model.update(dialog.view, body)
                : await model.create({ ...(viewBody(query, columns) as Partial<View>), ...body });
            setDialog(null);
            onPick(v);
          }}
        />
      )}
      {dialog?.kind === 'delete' && (
        <Modal
          opened
          onClose={() => setDialog(null)}
          title={t('grid.views.deleteTitle')}
          closeButtonProps={{ 'aria-label': t('action.close') }}
        >
          <Text>
            {t(dialog.view.shared ? 'grid.views.deleteShared' : 'grid.views.deleteText', {
              name: dialog.view.name,
            })}
          </Text>
          <Group mt="md" justify="flex-end" gap={8}>
            <Button variant="default" onClick={() => setDialog(null)} data-autofocus>
              {t('action.cancel')}
            </Button>
            <Button
              color="red.9"
              onClick={() =>
                attempt(async () => {
                  await model.remove(dialog.view);
                  setDialog(null);
                  onPick(null);
                })
              }
            >
              {t('action.delete')}
            </Button>
          </Group>
        </Modal>
      )}
    </nav>
  );
}

interface FormProps {
  view?: View;
  mayShare: boolean;
  onSave: (body: Partial<View>) => Promise<void>;
  onClose: () => void;
}

function ViewForm({ view, mayShare, onSave, onClose }: FormProps) {
  const { t } = useTranslation();
  const [name, setName] = useState(view?.name ?? '');
  const [shared, setShared] = useState(view?.shared ?? false);
  const [pinned, setPinned] = useState(view?.pinned ?? true);
  const [standard, setStandard] = useState(view?.default ?? false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const mine = view?.mine ?? true;
  const submit = async (e: FormEvent) => {
    e.preventDefault();
    e.stopPropagation();
    setBusy(true);
    setError(null);
    try {
      const marks = { pinned, default: standard };
      await onSave(mine ? { name: name.trim(), ...(mayShare ? { shared } : {}), ...marks } : marks);
    } catch (err) {
      setError(err);
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(view ? 'grid.views.editTitle' : 'grid.views.saveTitle')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form onSubmit={submit}>
        <Stack gap="sm">
          {error !== null && <ProblemAlert error={error} />}
          <TextInput
            label={t('grid.views.name')}
            required
            readOnly={!mine}
            value={name}
            onChange={(e) => setName(e.target.value)}
            maxLength={80}
            data-autofocus
          />
          <Checkbox
            label={t('grid.views.pin')}
            checked={pinned}
            onChange={(e) => setPinned(e.target.checked)}
          />
          <Checkbox
            label={t('grid.views.default')}
            checked={standard}
            onChange={(e) => setStandard(e.target.checked)}
          />
          {mayShare && mine && (
            <Checkbox
              label={t('grid.views.share')}
              checked={shared}
              onChange={(e) => setShared(e.target.checked)}
            />
          )}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={busy} disabled={name.trim() === ''}>
              {t('action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
