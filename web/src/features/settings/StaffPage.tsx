import { ActionIcon, Button, Menu, Text } from '@mantine/core';
import {
  IconDevices,
  IconDots,
  IconHelpCircle,
  IconHistory,
  IconKey,
  IconPencil,
  IconPlus,
  IconSend,
  IconTrash,
  IconUserShield,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMutation, useQuery } from '@tanstack/react-query';
import { notifications } from '@mantine/notifications';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Staff } from '@/api/types';
import { usePermission, useSession } from '@/app/session';
import { StaffSignIns } from '@/features/access/StaffSignIns';
import { statusQuery } from '@/features/emails/data';
import { roleName, useRoles } from '@/features/roles/data';
import { GridMessage, ListPage, type CellRenderers, type FieldDef, type GridRow } from '@/grid';
import { StaffStatusBadge } from '@/ui/badges';
import { HistoryLink, historyAddress } from '@/features/audit/HistoryLink';
import { DelayButton } from '@/features/schedule/DelayButton';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { SecretDialog } from '@/ui/SecretDialog';
import { namedChoices } from './choices';
import { StaffDialog } from './StaffDialog';

type Open =
  | { what: 'edit'; staff?: Staff }
  | { what: 'delete'; staff: Staff }
  | { what: 'link'; staff: Staff }
  | { what: 'invite'; staff: Staff }
  | { what: 'signIns'; staff: Staff }
  | { what: 'url'; staff: Staff; url: string };

type Row = Staff & GridRow;

const widths: Record<string, number> = { name: 220, email: 240, role: 150, last_seen_at: 200 };
const byName = [{ field: 'name', desc: false }];

export default function StaffPage() {
  const { t } = useTranslation();
  const mayWrite = usePermission('staff.write');
  const me = useSession()?.staff.id;
  const roles = useRoles();
  const [open, setOpen] = useState<Open | null>(null);
  const mail = useQuery({ ...statusQuery, enabled: usePermission('email.read') });
  const mails = mail.data?.configured ?? false;
  const close = () => setOpen(null);
  const refine = useCallback(
    (field: FieldDef): FieldDef => ({
      ...field,
      width: widths[field.name] ?? field.width,
      choices: namedChoices(field, t, roles),
    }),
    [t, roles],
  );
  const renderers = useMemo<CellRenderers<Row>>(
    () => ({
      name: (s) => (
        <Text span fw={550}>
          {s.name}
          {s.id === me && <span className="muted"> {t('staff.you')}</span>}
        </Text>
      ),
      role: (s) => s.roles.map((r) => roleName(t, r, roles)).join(', '),
      reseller: (s) => s.reseller?.name ?? <span className="muted">{t('place.everything')}</span>,
      status: (s) => <StaffStatusBadge status={s.status} />,
      last_seen_at: (_, cell) => cell.text || <span className="muted">{t('staff.never')}</span>,
    }),
    [me, t, roles],
  );
  return (
    <ListPage<Row>
      target="staff"
      title={t('nav.staff')}
      text={t('staff.text')}
      pinned={['name']}
      selectable={false}
      defaultSort={byName}
      refine={refine}
      renderers={renderers}
      onOpen={mayWrite ? (s) => setOpen({ what: 'edit', staff: s }) : undefined}
      rowActionsWidth={90}
      rowActions={
        mayWrite
          ? (s) => <RowMenu staff={s} isMe={s.id === me} mails={mails} onOpen={setOpen} />
          : (s) => <HistoryLink small table="staff" id={s.id} name={s.name} />
      }
      actions={() =>
        mayWrite && (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen({ what: 'edit' })}>
            {t('staff.create')}
          </Button>
        )
      }
      empty={<GridMessage icon={IconUserShield} title={t('staff.empty')} text={t('staff.text')} />}
    >
      {(list) => (
        <>
          {open?.what === 'edit' && (
            <StaffDialog
              staff={open.staff}
              isMe={open.staff?.id === me}
              onClose={() => {
                close();
                list.refresh();
              }}
              mails={mails}
              onCreated={(staff) => {
                if (!mails) return setOpen({ what: 'link', staff });
                notifications.show({ message: t('invite.sent', { email: staff.email }) });
                close();
                list.refresh();
              }}
            />
          )}
          {open?.what === 'delete' && (
            <RemoveStaff
              staff={open.staff}
              onClose={() => {
                close();
                list.refresh();
              }}
            />
          )}
          {open?.what === 'link' && (
            <PasswordLink
              staff={open.staff}
              onClose={() => {
                close();
                list.refresh();
              }}
              onUrl={(url) => setOpen({ what: 'url', staff: open.staff, url })}
            />
          )}
          {open?.what === 'signIns' && <StaffSignIns staff={open.staff} onClose={close} />}
          {open?.what === 'invite' && <Invite staff={open.staff} onClose={close} />}
          {open?.what === 'url' && (
            <SecretDialog
              title={t('staff.linkTitle', { name: open.staff.name })}
              text={t('staff.linkText')}
              label={t('staff.link')}
              secret={open.url}
              onClose={() => {
                close();
                list.refresh();
              }}
            />
          )}
        </>
      )}
    </ListPage>
  );
}

interface RowMenuProps {
  staff: Staff;
  isMe: boolean;
  mails: boolean;
  onOpen: (open: Open) => void;
}

function RowMenu({ staff, isMe, mails, onOpen }: RowMenuProps) {
  const { t } = useTranslation();
  const mayExplain = usePermission('role.read');
  const mayHistory = usePermission('audit.read');
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size={28} aria-label={t('staff.actionsFor', { name: staff.name })}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => onOpen({ what: 'edit', staff })}>
          {t('action.edit')}
        </Menu.Item>
        {mayExplain && (
          <Menu.Item
            leftSection={<IconHelpCircle size={16} />}
            component={Link}
            to={`/settings/staff/${staff.id}/why`}
          >
            {t('why.menu')}
          </Menu.Item>
        )}
        {mails && staff.status === 'active' && (
          <Menu.Item leftSection={<IconSend size={16} />} onClick={() => onOpen({ what: 'invite', staff })}>
            {t('invite.send')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconKey size={16} />} onClick={() => onOpen({ what: 'link', staff })}>
          {t('staff.makeLink')}
        </Menu.Item>
        <Menu.Item leftSection={<IconDevices size={16} />} onClick={() => onOpen({ what: 'signIns', staff })}>
          {t('account.signIns')}
        </Menu.Item>
        {mayHistory && (
          <Menu.Item
            component={Link}
            to={historyAddress('staff', staff.id)}
            leftSection={<IconHistory size={16} />}
          >
            {t('audit.history')}
          </Menu.Item>
        )}
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
    onSuccess: onClose,
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
      extra={
        <DelayButton
          title={t('staff.deleteTitle', { name: staff.name })}
          build={() => ({
            method: 'DELETE',
            path: `/staff/${staff.id}`,
            resource: 'staff',
            version: staff.version,
          })}
          onDone={onClose}
        />
      }
    />
  );
}

function Invite({ staff, onClose }: { staff: Staff; onClose: () => void }) {
  const { t } = useTranslation();
  const invite = useMutation({
    mutationFn: () => api.post(`/staff/${staff.id}/invitation`),
    onSuccess: () => {
      notifications.show({ message: t('invite.sent', { email: staff.email }) });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      opened
      title={t('invite.title', { name: staff.name })}
      text={t('invite.text', { email: staff.email })}
      confirm={t('invite.send')}
      pending={invite.isPending}
      error={invite.error}
      onConfirm={() => invite.mutate()}
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
