import { Stack, Text, Title } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './EmptyState.module.css';

interface Props {
  icon: Icon;
  title: string;
  text?: string;
  /** What to do about it: usually one button. */
  action?: ReactNode;
  /** The state is the whole page: its title is then the page's h1. */
  page?: boolean;
}

export function EmptyState({ icon: Glyph, title, text, action, page }: Props) {
  return (
    <Stack align="center" gap={6} className={page ? classes.page : classes.block}>
      <span className={classes.icon} aria-hidden>
        <Glyph size={22} stroke={1.6} />
      </span>
      <Title order={page ? 1 : 2} size={page ? undefined : 'h3'} ta="center">
        {title}
      </Title>
      {text && (
        <Text c="dimmed" ta="center" maw={420}>
          {text}
        </Text>
      )}
      {action && <div className={classes.action}>{action}</div>}
    </Stack>
  );
}
