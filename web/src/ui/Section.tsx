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

export interface Fact {
  label: string;
  value: ReactNode;
  wide?: boolean;
  /** The API's name of the field. */
  field?: string;
}

interface FactsProps {
  items: Fact[];
  /** Another way to show the name of a field: as a link to its history. */
  name?: (field: string, label: string) => ReactNode;
}

/** Names and values, two columns where there is room. */
export function Facts({ items, name }: FactsProps) {
  return (
    <dl className={classes.facts}>
      {items.map((item) => (
        <div key={item.label} data-wide={item.wide || undefined}>
          <dt>{item.field && name ? name(item.field, item.label) : item.label}</dt>
          <dd>{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}
