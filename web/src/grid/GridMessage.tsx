import { IconInbox, type Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './list.module.css';

interface Props {
  icon?: Icon;
  title: string;
  text?: ReactNode;
  action?: ReactNode;
}

/** What stands in the grid when there are no rows: why, and what to do. */
export function GridMessage({ icon: Glyph = IconInbox, title, text, action }: Props) {
  return (
    <div className={classes.message} role="status">
      <span className={classes.messageIcon} aria-hidden>
        <Glyph size={22} stroke={1.6} />
      </span>
      <h2 className={classes.messageTitle}>{title}</h2>
      {text && <p className={classes.messageText}>{text}</p>}
      {action && <div className={classes.messageAction}>{action}</div>}
    </div>
  );
}
