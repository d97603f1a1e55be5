import { Anchor, Group, Title } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useDocumentTitle } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import classes from './PageHeader.module.css';

interface Props {
  title: string;
  /** Beside the title: badges, an ID. */
  meta?: ReactNode;
  /** One quiet line below. */
  text?: ReactNode;
  actions?: ReactNode;
  back?: { to: string; label: string };
}

/** The h1 of a page; also names the browser tab. */
export function PageHeader({ title, meta, text, actions, back }: Props) {
  const { t } = useTranslation();
  useDocumentTitle(`${title} · ${t('app.name')}`);
  return (
    <header className={classes.root}>
      <div className={classes.main}>
        {back && (
          <Anchor component={Link} to={back.to} className={classes.back} c="dimmed" size="xs">
            <IconArrowLeft size={14} aria-hidden /> {back.label}
          </Anchor>
        )}
        <Group gap={10} align="center">
          <Title order={1} className={classes.title}>
            {title}
          </Title>
          {meta}
        </Group>
        {text && <div className={classes.text}>{text}</div>}
      </div>
      {actions && <Group gap={8}>{actions}</Group>}
    </header>
  );
}
