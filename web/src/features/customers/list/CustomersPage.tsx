import { useState } from 'react';
import { ActionIcon, Button, Menu } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import {
  IconChevronDown,
  IconCopyPlus,
  IconDots,
  IconDownload,
  IconEye,
  IconPencil,
  IconPlus,
  IconTrash,
  IconTruckDelivery,
  IconUpload,
  IconUsers,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Customer } from '@/api/types';
import { useCan } from '@/app/session';
import { usePortalOpener } from '@/features/portal/OpenPortal';
import { GridMessage, ListPage, type ListContext } from '@/grid';
import { BulkDelete } from './BulkDelete';
import { BulkUpdate } from './BulkUpdate';
import { MassCreate } from './MassCreate';
import { customerRenderers } from './renderers';

export type CustomerRow = Customer & Record<string, unknown>;
type Ctx = ListContext<CustomerRow>;
type Dialog = 'mass' | 'update' | 'updateAll' | 'delete' | null;

export default function CustomersPage() {
  const { t } = useTranslation();
  const can = useCan();
  const [dialog, setDialog] = useState<Dialog>(null);
  const close = () => setDialog(null);
  const opener = usePortalOpener();
  return (
    <ListPage<CustomerRow>
      target="customers"
      title={t('nav.customers')}
      rich
      pinned={['name']}
      idField="customer_id"
      mayExport={can('customer.export')}
      searchLabel={t('customerList.search')}
      renderers={customerRenderers}
      rowHref={(c) => `/customers/${c.id}`}
      rowLabel={(c) => c.name || c.customer_id}
      rowButton={
        can('contact.impersonate')
          ? (c) =>
              c.status !== 'closed' && (
                <ActionIcon
                  tabIndex={-1}
                  size={28}
                  aria-label={t('openPortal.openNamed', { name: c.name })}
                  title={t('openPortal.open')}
                  onClick={() => opener.open({ customer: { id: c.id, name: c.name } })}
                >
                  <IconEye size={16} />
                </ActionIcon>
              )
          : undefined
      }
      actions={(ctx) => <HeadActions ctx={ctx} onDialog={setDialog} />}
      bulkActions={() => <BulkActions onDialog={setDialog} />}
      empty={<Empty onMass={() => setDialog('mass')} />}
    >
      {(ctx) => (
        <>
          {opener.dialog}
          {dialog === 'mass' && <MassCreate fields={ctx.fields} onClose={close} onDone={ctx.refresh} />}
          {dialog === 'update' && <BulkUpdate ctx={ctx} scope={ctx.scope()} onClose={close} />}
          {dialog === 'updateAll' && <BulkUpdate ctx={ctx} scope={ctx.filterScope()} onClose={close} />}
          {dialog === 'delete' && <BulkDelete ctx={ctx} onClose={close} />}
        </>
      )}
    </ListPage>
  );
}

/** What does not fit beside the heading is in the menu, so nothing is lost on a small screen. */
function HeadActions({ ctx, onDialog }: { ctx: Ctx; onDialog: (d: Dialog) => void }) {
  const { t } = useTranslation();
  const can = useCan();
  const small = useMediaQuery('(max-width: 40em)') ?? false;
  const wide = useMediaQuery('(min-width: 68em)') ?? true;
  const create = can('customer.create');
  const none = ctx.selected === 0;
  return (
    <>
      <Menu withInitialFocusPlaceholder={false} position="bottom-end" width={250}>
        <Menu.Target>
          {small ? (
            <ActionIcon variant="default" size={34} aria-label={t('action.more')}>
              <IconDots size={18} />
            </ActionIcon>
          ) : (
            <Button variant="default" rightSection={<IconChevronDown size={15} />}>
              {t('customerList.more')}
            </Button>
          )}
        </Menu.Target>
        <Menu.Dropdown>
          {create && !wide && (
            <Menu.Item component={Link} to="/providers/new" leftSection={<IconTruckDelivery size={16} />}>
              {t('customer.createProvider')}
            </Menu.Item>
          )}
          {create && (
            <Menu.Item leftSection={<IconCopyPlus size={16} />} onClick={() => onDialog('mass')}>
              {t('customerList.mass')}
            </Menu.Item>
          )}
          {can('customer.import') && !wide && (
            <Menu.Item component={Link} to="/imports/new" leftSection={<IconUpload size={16} />}>
              {t('customerList.import')}
            </Menu.Item>
          )}
          {can('customer.export') && (
            <>
              <Menu.Divider />
              <Menu.Item
                leftSection={<IconDownload size={16} />}
                disabled={ctx.total === 0}
                onClick={() => ctx.exportFile('csv', 'all')}
              >
                {t('customerList.exportCsv')}
              </Menu.Item>
              <Menu.Item
                leftSection={<IconDownload size={16} />}
                disabled={ctx.total === 0}
                onClick={() => ctx.exportFile('xlsx', 'all')}
              >
                {t('customerList.exportXlsx')}
              </Menu.Item>
            </>
          )}
          <Menu.Divider />
          {can('customer.bulk') && (
            <>
              <Menu.Item
                leftSection={<IconPencil size={16} />}
                disabled={none}
                onClick={() => onDialog('update')}
              >
                {t('customerList.updateSelected')}
              </Menu.Item>
              <Menu.Item
                leftSection={<IconPencil size={16} />}
                disabled={ctx.total === 0}
                onClick={() => onDialog('updateAll')}
              >
                {t('customerList.updateAll')}
              </Menu.Item>
            </>
          )}
          {can('customer.delete') && (
            <Menu.Item
              leftSection={<IconTrash size={16} />}
              disabled={none}
              onClick={() => onDialog('delete')}
            >
              {t('customerList.deleteSelected')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {wide && can('customer.import') && (
        <Button component={Link} to="/imports/new" variant="default" leftSection={<IconUpload size={16} />}>
          {t('customerList.importShort')}
        </Button>
      )}
      {wide && create && (
        <Button
          component={Link}
          to="/providers/new"
          variant="default"
          leftSection={<IconTruckDelivery size={16} />}
        >
          {t('customer.createProvider')}
        </Button>
      )}
      {create && (
        <Button component={Link} to="/customers/new" leftSection={<IconPlus size={16} />}>
          {t('customer.createCustomer')}
        </Button>
      )}
    </>
  );
}

function BulkActions({ onDialog }: { onDialog: (d: Dialog) => void }) {
  const { t } = useTranslation();
  const can = useCan();
  return (
    <>
      {can('customer.bulk') && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPencil size={15} />}
          onClick={() => onDialog('update')}
        >
          {t('customerList.update')}
        </Button>
      )}
      {can('customer.delete') && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconTrash size={15} />}
          onClick={() => onDialog('delete')}
        >
          {t('action.delete')}
        </Button>
      )}
    </>
  );
}

function Empty({ onMass }: { onMass: () => void }) {
  const { t } = useTranslation();
  const can = useCan();
  return (
    <GridMessage
      icon={IconUsers}
      title={t('customerList.emptyTitle')}
      text={t('customerList.emptyText')}
      action={
        <>
          {can('customer.import') && (
            <Button component={Link} to="/imports/new" leftSection={<IconUpload size={16} />}>
              {t('customerList.emptyImport')}
            </Button>
          )}
          {can('customer.create') && (
            <>
              <Button
                component={Link}
                to="/customers/new"
                variant="default"
                leftSection={<IconPlus size={16} />}
              >
                {t('customer.createCustomer')}
              </Button>
              <Button variant="default" leftSection={<IconCopyPlus size={16} />} onClick={onMass}>
                {t('customerList.mass')}
              </Button>
            </>
          )}
        </>
      }
    />
  );
}
