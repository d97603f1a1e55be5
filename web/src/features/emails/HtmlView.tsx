import { useTranslation } from 'react-i18next';
import classes from './emails.module.css';

/** What a mail looks like. Nothing in it runs, is loaded or leads anywhere. */
export function HtmlView({ html }: { html: string }) {
  const { t } = useTranslation();
  return <iframe className={classes.html} sandbox="" srcDoc={html} title={t('emails.asHtml')} />;
}
