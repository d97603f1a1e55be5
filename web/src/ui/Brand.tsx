import { useTranslation } from 'react-i18next';
import classes from './Brand.module.css';

/** The mark: two rings, one behind the other. */
export function Brand({ compact, large, name }: { compact?: boolean; large?: boolean; name?: string }) {
  const { t } = useTranslation();
  return (
    <span className={classes.root} data-large={large || undefined}>
      <svg viewBox="0 0 32 32" width={large ? 34 : 24} height={large ? 34 : 24} aria-hidden>
        <rect width="32" height="32" rx="8" fill="#0b5f59" />
        <circle cx="11.5" cy="19" r="5" fill="none" stroke="#fff" strokeWidth="2.6" />
        <circle cx="20.5" cy="13" r="5" fill="none" stroke="#8fe0d3" strokeWidth="2.6" />
      </svg>
      {!compact && <span className={classes.name}>{name || t('app.name')}</span>}
    </span>
  );
}
