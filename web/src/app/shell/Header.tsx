import { ActionIcon, Kbd, UnstyledButton } from '@mantine/core';
import { IconMenu2, IconSearch } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { usePermission } from '@/app/session';
import { Bell } from '@/features/notices/Bell';
import { JobsIndicator } from './JobsIndicator';
import { UserMenu } from './UserMenu';
import classes from './Shell.module.css';

interface Props {
  /** Opens the drawer; only on a phone. */
  onMenu?: () => void;
  onPalette: () => void;
  onKeys: () => void;
}

const isMac = navigator.platform.startsWith('Mac');

export function Header({ onMenu, onPalette, onKeys }: Props) {
  const { t } = useTranslation();
  const jobs = usePermission('job.read');
  return (
    <header className={classes.header}>
      {onMenu && (
        <ActionIcon onClick={onMenu} aria-label={t('shell.menu')} size={36}>
          <IconMenu2 size={20} />
        </ActionIcon>
      )}
      <UnstyledButton className={classes.search} onClick={onPalette} aria-haspopup="dialog">
        <IconSearch size={16} aria-hidden />
        <span className="truncate">{t('shell.find')}</span>
        <Kbd size="xs">{isMac ? '⌘K' : 'Ctrl K'}</Kbd>
      </UnstyledButton>
      <div className={classes.spacer} />
      {jobs && <JobsIndicator />}
      <Bell />
      <UserMenu onKeys={onKeys} />
    </header>
  );
}
