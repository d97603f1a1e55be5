import { useTranslation } from 'react-i18next';
import type { Brand } from '@/theme/look';
import { mix } from '@/theme/brand';
import { BrandMark } from '@/ui/BrandMark';
import classes from './brand.module.css';

/** The portal in small, as it would be: nothing in it can be used. */
export function PortalPreview({ look, scheme }: { look: Brand; scheme: 'light' | 'dark' }) {
  const { t } = useTranslation();
  const c = look.colors;
  const vars = {
    '--td-accent': scheme === 'light' ? c.text : c.text_dark,
    '--td-on-fill': scheme === 'light' ? c.on_fill : c.on_fill_dark,
    '--mantine-primary-color-filled': scheme === 'light' ? c.fill : c.fill_dark,
    '--preview-chosen': scheme === 'light' ? mix(c.fill, '#ffffff', 0.88) : mix(c.fill_dark, '#131517', 0.75),
  } as React.CSSProperties;
  return (
    <figure className={classes.preview}>
      <figcaption>{t(`brand.preview.${scheme}`)}</figcaption>
      <div className={classes.screen} data-scheme={scheme} style={vars}>
        <div className={classes.head}>
          <BrandMark brand={look} scheme={scheme} />
        </div>
        <div className={classes.tabs}>
          <span data-on>{t('portal.home')}</span>
          <span>{t('portal.customer')}</span>
          <span>{t('portal.profile')}</span>
        </div>
        <div className={classes.page}>
          <strong>{t('portal.hello', { name: 'Ada' })}</strong>
          <span className={classes.link}>{t('brand.sampleLink')}</span>
          <span className={classes.button}>{t('action.save')}</span>
        </div>
      </div>
    </figure>
  );
}
