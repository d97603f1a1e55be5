import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useId } from 'react';
import classes from './Section.module.css';

interface Props {
  title: string;
  text?: string;
  actions?: ReactNode;
  children: ReactNode;
  /** Without inner space: for tables that reach the border. */
  flush?: boolean;
}

/** A card with a heading. */
export function Section({ title, text, actions, children, flush }: Props) {
  const id = useId();
  return (
    <section className={classes.root} aria-labelledby={id}>
      <div className={classes.head}>
        <div>
          <Title order={2} id={id} className={classes.title}>
            {title}
          </Title>
          {text && <p className={classes.text}>{text}</p>}
        </div>
        {actions}
      </div>
      <div className={flush ? classes.flush : classes.body}>{children}</div>
    </section>
  );
}

/** Names and values, two columns where there is room. */
export function Facts({ items }: { items: { label: string; value: ReactNode; wide?: boolean }[] }) {
  return (
    <dl className={classes.facts}>
      {items.map((item) => (
        <div key={item.label} data-wide={item.wide || undefined}>
          <dt>{item.label}</dt>
          <dd>{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}
