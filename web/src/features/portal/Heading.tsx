import { Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { usePortalSession } from './session';
import classes from './portal.module.css';

/** The h1 of a page of the portal; also names the browser tab. */
export function Heading({ title, text }: { title: string; text?: ReactNode }) {
  const session = usePortalSession();
  useDocumentTitle(`${title} · ${session?.organization ?? ''}`);
  return (
    <div>
      <Title order={1} className={classes.title}>
        {title}
      </Title>
      {text && (
        <Text size="md" c="dimmed">
          {text}
        </Text>
      )}
    </div>
  );
}
