import { ActionIcon, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './CopyText.module.css';

/** A short code with a button that copies it. */
export function CopyText({ value, name }: { value: string; name: string }) {
  const { t } = useTranslation();
  const clipboard = useClipboard({ timeout: 1600 });
  const label = clipboard.copied ? t('action.copied') : t('action.copyNamed', { name });
  return (
    <span className={classes.root}>
      <span className="mono">{value}</span>
      <Tooltip label={label}>
        <ActionIcon size={24} onClick={() => clipboard.copy(value)} aria-label={label}>
          {clipboard.copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
        </ActionIcon>
      </Tooltip>
    </span>
  );
}
