import { Button, Menu, ActionIcon, Text } from '@mantine/core';
import { IconDots, IconKey, IconPencil, IconPlus, IconTrash, IconUserShield } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { List, Staff } from '@/api/types';
import { queryClient } from '@/app/query';
import { usePermission, useSession } from '@/app/session';
import { useFormats } from '@/i18n/format';
import { StaffStatusBadge } from '@/ui/badges';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { ListStates } from '@/ui/ListStates';
import { PageHeader } from '@/ui/PageHeader';
import { SecretDialog } from '@/ui/SecretDialog';
import { StaffDialog } from './StaffDialog';

type Open =
  | { what: 'edit'; staff?: Staff }
  | { what: 'delete'; staff: Staff }
  | { what: 'link'; staff: Staff }
  | { what: 'url'; staff: Staff; url: string };

export default function StaffPage() {
  const { t } = useTranslation();
  const f = useFormats();
  const mayWrite = usePermission('staff.write');
  const me = useSession()?.staff.id;
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const query = useQuery({
    queryKey: ['staff'],
    queryFn: async ({ signal }) => (await api.get<List<Staff>>('/staff', { signal })).items,
  });
  const rows = query.data ?? [];
  return (
    <div style={{ maxWidth: 980 }}>
      <PageHeader
        title={t('nav.staff')}
        text={t('staff.text')}
        actions={
          mayWrite && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen({ what: 'edit' })}>
              {t('staff.create')}
            </Button>
          )
        }
      />
      <ListStates
        query={query}
        rows={4}
        isEmpty={rows.length === 0}
        empty={<EmptyState icon={IconUserShield} title={t('staff.empty')} text={t('staff.text')} />}
      >
        <DataTable
          caption={t('nav.staff')}
          rows={rows}
          rowKey={(s) => s.id}
          columns={[
            {
              key: 'name',
              head: t('field.name'),
              cell: (s) => (
                <>
                  <Text fw={550}>
                    {s.name}
                    {s.id === me && <span className="muted"> {t('staff.you')}</span>}
                  </Text>
                  <Text size="xs" c="dimmed">
                    {s.email}
                  </Text>
                </>
              ),
            },
            { key: 'role', head: t('staff.role'), cell: (s) => t(`role.${s.role}`) },
            {
              key: 'status',
              head: t('field.status'),
              cell: (s) => <StaffStatusBadge status={s.status} />,
              wide: true,
            },
            {
              key: 'seen',
              head: t('staff.lastSeen'),
              cell: (s) => (s.last_seen_at ? f.instant(s.last_seen_at) : t('staff.never')),
              wide: true,
            },
            ...(mayWrite
              ? [
                  {
                    key: 'actions',
                    head: null,
                    align: 'right' as const,
                    width: 56,
                    cell: (s: Staff) => <RowMenu staff={s} isMe={s.id === me} onOpen={setOpen} />,
                  },
                ]
              : []),
          ]}
        />
      </ListStates>
      {open?.what === 'edit' && (
        <StaffDialog
          staff={open.staff}
          isMe={open.staff?.id === me}
          onClose={close}
          onCreated={(staff) => setOpen({ what: 'link', staff })}
        />
      )}
      {open?.what === 'delete' && <RemoveStaff staff={open.staff} onClose={close} />}
      {open?.what === 'link' && (
        <PasswordLink
          staff={open.staff}
          onClose={close}
          onUrl={(url) => setOpen({ what: 'url', staff: open.staff, url })}
        />
      )}
      {open?.what === 'url' && (
        <SecretDialog
          title={t('staff.linkTitle', { name: open.staff.name })}
          text={t('staff.linkText')}
          label={t('staff.link')}
          secret={open.url}
          onClose={close}
        />
      )}
    </div>
  );
}

interface RowMenuProps {
  staff: Staff;
  isMe: boolean;
  onOpen: (open: Open) => void;
}

function RowMenu({ staff, isMe, onOpen }: RowMenuProps) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t('staff.actionsFor', { name: staff.name })}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => onOpen({ what: 'edit', staff })}>
          {t('action.edit')}
        </Menu.Item>
        <Menu.Item leftSection={<IconKey size={16} />} onClick={() => onOpen({ what: 'link', staff })}>
          {t('staff.makeLink')}
        </Menu.Item>
        {!isMe && (
          <Menu.Item leftSection={<IconTrash size={16} />} onClick={() => onOpen({ what: 'delete', staff })}>
            {t('action.delete')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function RemoveStaff({ staff, onClose }: { staff: Staff; onClose: () => void }) {
  const { t } = useTranslation();
  const remove = useMutation({
    mutationFn: () => api.delete(`/staff/${staff.id}`, { version: staff.version }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ['staff'] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      opened
      danger
      title={t('staff.deleteTitle', { name: staff.name })}
      text={t('staff.deleteText')}
      confirm={t('action.delete')}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}

interface LinkProps {
  staff: Staff;
  onClose: () => void;
  onUrl: (url: string) => void;
}

function PasswordLink({ staff, onClose, onUrl }: LinkProps) {
  const { t } = useTranslation();
  const make = useMutation({
    mutationFn: () => api.post<{ url: string }>(`/staff/${staff.id}/password-link`),
    // A server behind another name may answer with a path only.
    onSuccess: ({ url }) => onUrl(new URL(url, window.location.origin).href),
  });
  return (
    <ConfirmDialog
      opened
      title={t('staff.makeLinkTitle', { name: staff.name })}
      text={t('staff.makeLinkText')}
      confirm={t('staff.makeLink')}
      pending={make.isPending}
      error={make.error}
      onConfirm={() => make.mutate()}
      onClose={onClose}
    />
  );
}
