import { ActionIcon, Button, Group, Menu } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconChevronDown } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './SaveButton.module.css';

/** continue: save and go back to the list. stay: save and keep the screen. */
export type SaveMode = 'continue' | 'stay';

export interface SaveOption {
  key: string;
  label: string;
  description?: string;
  icon?: ReactNode;
  onPick: () => void;
}

interface Props {
  onSave: (mode: SaveMode) => void;
  pending?: boolean;
  disabled?: boolean;
  /** Further ways to save, listed after the two (a delayed save, for one). */
  more?: SaveOption[];
}

/** The split Save button. Ctrl-S saves and continues, Ctrl-Enter saves and stays. */
export function SaveButton({ onSave, pending, disabled, more = [] }: Props) {
  const { t } = useTranslation();
  const idle = !pending && !disabled;
  useHotkeys(
    [
      ['mod+S', () => idle && onSave('continue')],
      ['mod+Enter', () => idle && onSave('stay')],
    ],
    [],
  );
  return (
    <Group gap={0} wrap="nowrap">
      <Button type="submit" className={classes.main} loading={pending} disabled={disabled}>
        {t('save.continue')}
      </Button>
      <Menu position="bottom-end" width={260}>
        <Menu.Target>
          <ActionIcon
            variant="filled"
            color="spruce"
            size={34}
            className={classes.more}
            disabled={!idle}
            aria-label={t('save.more')}
          >
            <IconChevronDown size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => onSave('continue')} rightSection={<kbd>{t('save.keyContinue')}</kbd>}>
            {t('save.continue')}
          </Menu.Item>
          <Menu.Item onClick={() => onSave('stay')} rightSection={<kbd>{t('save.keyStay')}</kbd>}>
            {t('save.stay')}
          </Menu.Item>
          {more.map((option) => (
            <Menu.Item key={option.key} leftSection={option.icon} onClick={option.onPick}>
              {option.label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
