import { ActionIcon, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconMail, IconPencil, IconPlus, IconSearch, IconTrash, IconUsers } from '@tabler/icons-react';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { DataTable, type TableColumn } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { ListStates } from '@/ui/ListStates';
import { Section } from '@/ui/Section';
import { Tag } from '@/ui/badges';
import { Heading } from './Heading';
import { PortalForm, type FormField } from './PortalForm';
import { contactsQuery, refresh, usePortalCan, usePortalSession, type PortalContact } from './session';

const roles = ['owner', 'billing', 'technical', 'viewer'];

type Open = { what: 'edit' | 'remove' | 'invite'; contact?: PortalContact } | null;

/** /portal/contacts: the people at one's own customer. */
export default function ContactsPage() {
  const { t } = useTranslation();
  const can = usePortalCan();
  const session = usePortalSession();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed.trim(), 200);
  const contacts = useQuery({ ...contactsQuery(q), placeholderData: keepPreviousData });
  const [open, setOpen] = useState<Open>(null);
  const rows = contacts.data?.items ?? [];
  const columns: TableColumn<PortalContact>[] = [
    {
      key: 'name',
      head: t('field.name'),
      cell: (c) => (
        <>
          <Text fw={550}>
            {c.name}
            {c.id === session?.contact.id && <Text span c="dimmed">{` (${t('portal.me')})`}</Text>}
          </Text>
          {c.type && <Text c="dimmed">{c.type}</Text>}
        </>
      ),
    },
    {
      key: 'role',
      head: t('field.role'),
      cell: (c) => <Tag tone="mute" label={t(`choice.role.${c.role}`)} />,
    },
    { key: 'email', head: t('field.email'), cell: (c) => c.email, wide: true },
    { key: 'phone', head: t('field.phone'), cell: (c) => c.mobile || c.phone, wide: true },
  ];
  if (can('portal.manage'))
    columns.push({
      key: 'do',
      head: null,
      align: 'right',
      cell: (c) => <Buttons contact={c} onOpen={setOpen} />,
    });
  return (
    <Stack gap="lg">
      <Heading
        title={t('portal.contacts')}
        text={t('portal.contactsText', { customer: session?.customer.name })}
      />
      <Section
        title={t('portal.people')}
        flush
        actions={
          <Group gap={8}>
            <TextInput
              aria-label={t('portal.find')}
              placeholder={t('portal.find')}
              leftSection={<IconSearch size={16} aria-hidden />}
              value={typed}
              onChange={(e) => setTyped(e.currentTarget.value)}
            />
            {can('portal.manage') && (
              <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen({ what: 'edit' })}>
                {t('portal.addContact')}
              </Button>
            )}
          </Group>
        }
      >
        <ListStates
          query={contacts}
          isEmpty={rows.length === 0}
          empty={<EmptyState icon={IconUsers} title={t('portal.noneFound')} />}
        >
          <DataTable caption={t('portal.contacts')} columns={columns} rows={rows} rowKey={(c) => c.id} />
          {contacts.data?.next_cursor && (
            <Text c="dimmed" p="md">
              {t('portal.moreContacts')}
            </Text>
          )}
        </ListStates>
      </Section>
      {open?.what === 'edit' && <EditDialog contact={open.contact} onClose={() => setOpen(null)} />}
      {open?.what === 'remove' && open.contact && (
        <RemoveDialog contact={open.contact} onClose={() => setOpen(null)} />
      )}
      {open?.what === 'invite' && open.contact && (
        <InviteDialog contact={open.contact} onClose={() => setOpen(null)} />
      )}
    </Stack>
  );
}

function Buttons({ contact, onOpen }: { contact: PortalContact; onOpen: (open: Open) => void }) {
  const { t } = useTranslation();
  const session = usePortalSession();
  const own = contact.id === session?.contact.id;
  return (
    <Group gap={2} justify="flex-end" wrap="nowrap">
      {contact.email && !own && (
        <ActionIcon
          aria-label={t('portal.inviteNamed', { name: contact.name })}
          onClick={() => onOpen({ what: 'invite', contact })}
        >
          <IconMail size={17} />
        </ActionIcon>
      )}
      <ActionIcon
        aria-label={t('portal.editNamed', { name: contact.name })}
        onClick={() => onOpen({ what: 'edit', contact })}
      >
        <IconPencil size={17} />
      </ActionIcon>
      <ActionIcon
        aria-label={t('portal.removeNamed', { name: contact.name })}
        onClick={() => onOpen({ what: 'remove', contact })}
      >
        <IconTrash size={17} />
      </ActionIcon>
    </Group>
  );
}

function EditDialog({ contact, onClose }: { contact?: PortalContact; onClose: () => void }) {
  const { t } = useTranslation();
  const fields: FormField[] = [
    { name: 'name', kind: 'text', required: true },
    { name: 'role', kind: 'choice', required: true, choices: roles },
    { name: 'email', kind: 'email' },
    { name: 'type', kind: 'text', description: t('portal.typeHint') },
    { name: 'phone', kind: 'tel' },
    { name: 'mobile', kind: 'tel' },
    { name: 'language', kind: 'language' },
  ];
  return (
    <Modal
      opened
      onClose={onClose}
      size={620}
      title={contact ? t('portal.editNamed', { name: contact.name }) : t('portal.addContact')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <PortalForm
        fields={fields}
        path={contact ? `/portal/contacts/${contact.id}` : '/portal/contacts'}
        record={contact}
        initial={{ role: 'viewer' }}
        submit={contact ? t('action.save') : t('portal.addContact')}
        autoFocus
        onCancel={onClose}
        onSaved={async (saved) => {
          notifications.show({
            message: contact ? t('portal.saved') : t('portal.added', { name: saved.name }),
          });
          onClose();
          await refresh();
        }}
      />
    </Modal>
  );
}

function RemoveDialog({ contact, onClose }: { contact: PortalContact; onClose: () => void }) {
  const { t } = useTranslation();
  const remove = useMutation({
    mutationFn: () => api.delete(`/portal/contacts/${contact.id}`, { version: contact.version }),
    onSuccess: async () => {
      notifications.show({ message: t('portal.removed', { name: contact.name }) });
      onClose();
      await refresh();
    },
    onError: () => void refresh(),
  });
  return (
    <ConfirmDialog
      opened
      danger
      title={t('portal.removeTitle', { name: contact.name })}
      text={t('portal.removeText')}
      confirm={t('portal.remove')}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}

function InviteDialog({ contact, onClose }: { contact: PortalContact; onClose: () => void }) {
  const { t } = useTranslation();
  const invite = useMutation({
    mutationFn: () => api.post(`/portal/contacts/${contact.id}/invitation`),
    onSuccess: () => {
      notifications.show({ message: t('portal.invited', { email: contact.email }) });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      opened
      title={t('portal.inviteTitle', { name: contact.name })}
      text={t('portal.inviteText', { email: contact.email })}
      confirm={t('portal.invite')}
      pending={invite.isPending}
      error={invite.error}
      onConfirm={() => invite.mutate()}
      onClose={onClose}
    />
  );
}
