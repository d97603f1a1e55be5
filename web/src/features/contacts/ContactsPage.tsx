import { ActionIcon } from '@mantine/core';
import { IconAddressBook, IconEye } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Contact } from '@/api/types';
import { useCan } from '@/app/session';
import { usePortalOpener } from '@/features/portal/OpenPortal';
import { GridMessage, ListPage, type CellRenderers, type GridRow } from '@/grid';
import { RoleTag, Verified } from './parts';
import classes from './contacts.module.css';

type Row = Contact & GridRow;

const renderers: CellRenderers<Row> = {
  customer_name: (c) => (
    <Link
      to={`/customers/${c.customer.id}/contacts` as never}
      tabIndex={-1}
      draggable={false}
      className={classes.link}
    >
      {c.customer_name}
    </Link>
  ),
  customer_id: (c) => <span className="mono">{c.customer_id}</span>,
  role: (c) => <RoleTag role={c.role} plain />,
  phone: (c) => <span className="num">{c.phone}</span>,
  mobile: (c) => <span className="num">{c.mobile}</span>,
  email_verified: (c) => <Verified is={c.email_verified} address={c.email} plain />,
  mobile_verified: (c) => <Verified is={c.mobile_verified} address={c.mobile ?? ''} plain />,
};

const byName = [{ field: 'name', desc: false }];

/** /contacts */
export default function ContactsPage() {
  const { t } = useTranslation();
  const can = useCan();
  const opener = usePortalOpener();
  return (
    <ListPage<Row>
      target="contacts"
      title={t('contact.title')}
      text={t('contact.text')}
      pinned={['name']}
      selectable={false}
      searchLabel={t('contact.find')}
      defaultSort={byName}
      renderers={renderers}
      rowHref={(c) => `/contacts/${c.id}`}
      rowButton={
        can('contact.impersonate')
          ? (c) =>
              !c.customer_closed && (
                <ActionIcon
                  tabIndex={-1}
                  size={28}
                  aria-label={t('openPortal.openNamed', { name: c.name })}
                  title={t('openPortal.open')}
                  onClick={() => opener.open({ contact: c })}
                >
                  <IconEye size={16} />
                </ActionIcon>
              )
          : undefined
      }
      mayExport={can('customer.export')}
      empty={
        <GridMessage icon={IconAddressBook} title={t('contact.empty')} text={t('contact.emptyGlobal')} />
      }
    >
      {() => opener.dialog}
    </ListPage>
  );
}
