import { IconMail } from '@tabler/icons-react';
import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { GridMessage, ListPage, type CellRenderers, type FieldDef, type GridRow } from '@/grid';
import type { Email } from './data';
import { EmailBadge } from './EmailBadge';
import { MailNotice } from './MailNotice';

type Row = Email & GridRow;

const newestFirst = [{ field: 'created_at', desc: true }];

/** Choices by their names. */
export function useRefine() {
  const { t } = useTranslation();
  return useCallback(
    (field: FieldDef): FieldDef => {
      if (!['state', 'template', 'channel'].includes(field.name)) return field;
      const choices = field.choices?.map((c) => ({ ...c, label: t(`emails.${field.name}.${c.value}`) }));
      return { ...field, choices };
    },
    [t],
  );
}

export function useRenderers() {
  return useMemo<CellRenderers<Row>>(() => ({ state: (e) => <EmailBadge state={e.state} plain /> }), []);
}

export default function EmailsPage() {
  const { t } = useTranslation();
  return (
    <ListPage<Row>
      target="emails"
      title={t('emails.title')}
      text={
        <>
          {t('emails.text')}
          <MailNotice />
        </>
      }
      pinned={['created_at']}
      selectable={false}
      defaultSort={newestFirst}
      refine={useRefine()}
      renderers={useRenderers()}
      rowHref={(e) => `/emails/${e.id}`}
      empty={<GridMessage icon={IconMail} title={t('emails.empty')} text={t('emails.emptyText')} />}
    />
  );
}
