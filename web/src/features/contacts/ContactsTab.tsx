import { Anchor, Button, Group } from '@mantine/core';
import { IconAddressBook, IconEye, IconKey, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Contact, Customer, List } from '@/api/types';
import { useCan } from '@/app/session';
import { Masked } from '@/ui/Masked';
import { DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { ListStates } from '@/ui/ListStates';
import { Section } from '@/ui/Section';
import { RoleTag, Verified } from './parts';
import { usePortalOpener } from '@/features/portal/OpenPortal';
import { PasswordDialog } from './PasswordDialog';
import { RemoveDialog } from './RemoveDialog';
import classes from './contacts.module.css';

/** /customers/$id/contacts */
export default function ContactsTab({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const can = useCan();
  const [removing, setRemoving] = useState<Contact | null>(null);
  const [letting, setLetting] = useState<Contact | null>(null);
  const opener = usePortalOpener();
  const contacts = useInfiniteQuery({
    queryKey: ['contacts', 'of', customer.id],
    queryFn: ({ pageParam, signal }) =>
      api.get<List<Contact>>(`/customers/${customer.id}/contacts`, {
        query: { sort: 'name', limit: 50, cursor: pageParam },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor || undefined,
  });
  const rows = contacts.data?.pages.flatMap((p) => p.items) ?? [];
  const closed = customer.status === 'closed';
  const create = can('contact.write') && !closed && (
    <Button
      component={Link}
      to={`/customers/${customer.id}/contacts/new`}
      leftSection={<IconPlus size={16} />}
    >
      {t('contact.create')}
    </Button>
  );
  return (
    <>
      <Section
        title={t('contact.title')}
        text={closed ? t('contact.closedText') : t('contact.ofText')}
        actions={rows.length > 0 && create}
      >
        <ListStates
          query={contacts}
          isEmpty={rows.length === 0}
          empty={
            <EmptyState
              icon={IconAddressBook}
              title={t('contact.empty')}
              text={closed ? undefined : t('contact.emptyText')}
              action={create}
            />
          }
        >
          <DataTable
            caption={t('contact.title')}
            rows={rows}
            rowKey={(c) => c.id}
            columns={[
              {
                key: 'name',
                head: t('field.name'),
                cell: (c) => (
                  <Anchor component={Link} to={`/contacts/${c.id}`} fw={550}>
                    {c.name}
                  </Anchor>
                ),
              },
              { key: 'type', head: t('field.type'), cell: (c) => c.type, wide: true },
              { key: 'role', head: t('contact.role'), cell: (c) => <RoleTag role={c.role} plain /> },
              {
                key: 'email',
                head: t('field.email'),
                cell: (c) => (
                  <span className={classes.address}>
                    {c.email}
                    <Verified is={c.email_verified} address={c.email} plain />
                  </span>
                ),
              },
              {
                key: 'phone',
                head: t('field.phone'),
                cell: (c) =>
                  c.masked?.includes('phone') ? <Masked /> : <span className="num">{c.phone}</span>,
                wide: true,
              },
              {
                key: 'mobile',
                head: t('field.mobile'),
                cell: (c) => (
                  <span className={classes.address}>
                    {c.masked?.includes('mobile') ? <Masked /> : <span className="num">{c.mobile}</span>}
                    <Verified is={c.mobile_verified} address={c.mobile ?? ''} plain />
                  </span>
                ),
                wide: true,
              },
              {
                key: 'actions',
                head: null,
                align: 'right' as const,
                cell: (c) =>
                  !closed && (
                    <RowActions
                      contact={c}
                      onRemove={() => setRemoving(c)}
                      onPassword={() => setLetting(c)}
                      onPortal={() => opener.open({ contact: c })}
                    />
                  ),
              },
            ]}
          />
          {contacts.hasNextPage && (
            <Button
              mt="sm"
              variant="default"
              onClick={() => void contacts.fetchNextPage()}
              loading={contacts.isFetchingNextPage}
            >
              {t('action.loadMore')}
            </Button>
          )}
        </ListStates>
      </Section>
      {opener.dialog}
      {letting && <PasswordDialog contact={letting} onClose={() => setLetting(null)} />}
      {removing && <RemoveDialog contact={removing} onClose={() => setRemoving(null)} />}
    </>
  );
}

function RowActions({
  contact,
  onRemove,
  onPassword,
  onPortal,
}: {
  contact: Contact;
  onRemove: () => void;
  onPassword: () => void;
  onPortal: () => void;
}) {
  const { t } = useTranslation();
  const can = useCan();
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      {can('contact.impersonate') && (
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconEye size={15} />}
          aria-label={t('openPortal.openNamed', { name: contact.name })}
          onClick={onPortal}
        >
          {t('openPortal.portal')}
        </Button>
      )}
      {can('contact.write') && (
        <Button
          size="compact-sm"
          variant="subtle"
          component={Link}
          to={`/contacts/${contact.id}/edit`}
          leftSection={<IconPencil size={15} />}
          aria-label={t('contact.editTitle', { name: contact.name })}
        >
          {t('action.edit')}
        </Button>
      )}
      {can('contact.write') && contact.email && (
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconKey size={15} />}
          aria-label={t('contact.passwordFor', { name: contact.name })}
          onClick={onPassword}
        >
          {t('contact.password')}
        </Button>
      )}
      {can('contact.delete') && (
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconTrash size={15} />}
          aria-label={t('contact.removeNamed', { name: contact.name })}
          onClick={onRemove}
        >
          {t('action.remove')}
        </Button>
      )}
    </Group>
  );
}
