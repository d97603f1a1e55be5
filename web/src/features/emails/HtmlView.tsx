import { useTranslation } from 'react-i18next';
import { styleNonce } from '@/theme/nonce';
import classes from './emails.module.css';

// As the page around a mail that is sent, internal/edge/smtp/page.go.
const look =
  "body{margin:0;padding:24px;background:#fff;color:#1a1d1f;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif}";

/** What a mail looks like. Nothing in it runs, is loaded or leads anywhere. */
export function HtmlView({ html }: { html: string }) {
  const { t } = useTranslation();
  const page = `<style nonce="${styleNonce()}">${look}</style>${html}`;
  return <iframe className={classes.html} sandbox="" srcDoc={page} title={t('emails.asHtml')} />;
}
