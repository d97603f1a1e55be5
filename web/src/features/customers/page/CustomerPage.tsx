import { ActionIcon, Button, Group, Menu, Skeleton } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import {
  IconChevronDown,
  IconDots,
  IconEraser,
  IconEye,
  IconHistory,
  IconPencil,
  IconTrash,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, type ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '@/api/client';
import type { Customer } from '@/api/types';
import { lastList } from '@/app/lastList';
import { NotFound } from '@/app/pages';
import { useCan } from '@/app/session';
import { customerTabs, type CustomerTab } from '@/app/wings';
import { BillingBadge, KindBadge, StatusBadge } from '@/ui/badges';
import { CopyText } from '@/ui/CopyText';
import { RowsSkeleton } from '@/ui/FormSkeleton';
import { PageHeader } from '@/ui/PageHeader';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { usePortalOpener } from '@/features/portal/OpenPortal';
import { PendingBanner } from '@/features/schedule/states';
import { EraseDialog } from '@/features/erasure/EraseDialog';
import { ErasedBanner } from '@/features/erasure/ErasedBanner';
import { DeleteDialog } from '../dialogs/DeleteDialog';
import { StatusDialog } from '../dialogs/StatusDialog';
import { customerQuery } from '../model';
import classes from './CustomerPage.module.css';

type TabView = ComponentType<{ customer: Customer }>;
const views = new Map<string, TabView>();

/** Each tab's code is loaded when the tab is first opened. */
function viewOf(tab: CustomerTab): TabView {
  const known = views.get(tab.path);
  if (known) return known;
  const made = lazy(tab.load);
  views.set(tab.path, made);
  return made;
}

/** /customers/$id and /customers/$id/$tab */
export default function CustomerPage() {
  const { id, tab = '' } = useParams({ strict: false }) as { id: string; tab?: string };
  const { t } = useTranslation();
  const can = useCan();
  const customer = useQuery(customerQuery(id));
  const kind = customer.data?.kind;
  const tabs = useMemo(
    () =>
      customerTabs.filter(
        (x) => can(x.permission) && (!x.kinds || (kind ? x.kinds.includes(kind) : x.path === tab)),
      ),
    [can, kind, tab],
  );
  const current = tabs.find((x) => x.path === tab);
  if ((isApiError(customer.error) && customer.error.status === 404) || !current) return <NotFound />;
  if (customer.error && !customer.data) {
    return (
      <>
        <PageHeader
          title={t('kind.customer')}
          back={{ to: lastList('/customers'), label: t('nav.customers') }}
        />
        <ProblemAlert error={customer.error} />
        <Button variant="default" mt="md" onClick={() => void customer.refetch()}>
          {t('action.retry')}
        </Button>
      </>
    );
  }
  const View = viewOf(current);
  return (
    <div className={classes.page}>
      {customer.data ? <Head customer={customer.data} /> : <HeadSkeleton />}
      {customer.data && <ErasedBanner erased={customer.data.erased} />}
      {customer.data && <PendingBanner id={customer.data.id} resource="customers" />}
      <CustomerTabs id={id} tabs={tabs} current={current.path} />
      <div className={classes.body}>
        <Suspense fallback={<RowsSkeleton />}>
          {customer.data ? <View customer={customer.data} /> : <RowsSkeleton />}
        </Suspense>
      </div>
    </div>
  );
}

function Head({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const can = useCan();
  const small = useMediaQuery('(max-width: 40em)') ?? false;
  const [deleting, setDeleting] = useDisclosure(false);
  const [erasing, setErasing] = useDisclosure(false);
  const mayErase = can('customer.erase') && customer.status === 'closed' && !customer.erased?.done_at;
  const mayDelete = can('customer.delete') && customer.status !== 'closed';
  const [status, setStatus] = useDisclosure(false);
  const mayChange = can('customer.update') && !customer.erased_at;
  const opener = usePortalOpener();
  return (
    <>
      <PageHeader
        title={customer.name}
        back={{ to: lastList('/customers'), label: t('nav.customers') }}
        meta={
          <Group gap={6}>
            <StatusBadge status={customer.status} />
            <KindBadge kind={customer.kind} />
            <BillingBadge type={customer.billing_type} />
          </Group>
        }
        text={
          <Group gap={14}>
            <CopyText value={customer.customer_id} name={t('field.customer_id')} />
            {customer.reference && (
              <span>
                {t('field.reference')} <span className="mono">{customer.reference}</span>
              </span>
            )}
          </Group>
        }
        actions={
          <>
            {can('audit.read') && (
              <Button
                variant="default"
                component={Link}
                to={`/customers/${customer.id}/audit`}
                leftSection={<IconHistory size={16} />}
              >
                {t('customer.viewAudit')}
              </Button>
            )}
            {can('contact.impersonate') && customer.status !== 'closed' && (
              <Button
                variant="default"
                leftSection={<IconEye size={16} />}
                loading={opener.pending}
                onClick={() => opener.open({ customer: { id: customer.id, name: customer.name } })}
              >
                {t('openPortal.open')}
              </Button>
            )}
            {mayChange && (
              <Button
                component={Link}
                to={`/customers/${customer.id}/edit`}
                leftSection={<IconPencil size={16} />}
              >
                {t('action.edit')}
              </Button>
            )}
            {(mayChange || mayDelete || mayErase) && (
              <Menu position="bottom-end">
                <Menu.Target>
                  {small ? (
                    <ActionIcon variant="default" size={36} aria-label={t('action.more')}>
                      <IconDots size={18} />
                    </ActionIcon>
                  ) : (
                    <Button variant="default" rightSection={<IconChevronDown size={16} />}>
                      {t('customer.more')}
                    </Button>
                  )}
                </Menu.Target>
                <Menu.Dropdown>
                  {mayChange && <Menu.Item onClick={setStatus.open}>{t('customer.changeStatus')}</Menu.Item>}
                  {mayDelete && (
                    <Menu.Item
                      color="var(--mantine-color-error)"
                      leftSection={<IconTrash size={16} />}
                      onClick={setDeleting.open}
                    >
                      {t('action.delete')}
                    </Menu.Item>
                  )}
                  {mayErase && (
                    <Menu.Item
                      color="var(--mantine-color-error)"
                      leftSection={<IconEraser size={16} />}
                      onClick={setErasing.open}
                    >
                      {t('erasure.action')}
                    </Menu.Item>
                  )}
                </Menu.Dropdown>
              </Menu>
            )}
          </>
        }
      />
      {opener.dialog}
      {deleting && <DeleteDialog customer={customer} onClose={setDeleting.close} />}
      {erasing && (
        <EraseDialog path={`/customers/${customer.id}`} name={customer.name} onClose={setErasing.close} />
      )}
      {status && <StatusDialog customer={customer} onClose={setStatus.close} />}
    </>
  );
}

function HeadSkeleton() {
  return (
    <div className={classes.headSkeleton}>
      <Skeleton height={14} width={90} />
      <Skeleton height={26} width={320} mt={8} />
      <Skeleton height={18} width={200} mt={8} />
    </div>
  );
}

/** Each tab is an address of its own, so these are links. */
function CustomerTabs({ id, tabs, current }: { id: string; tabs: CustomerTab[]; current: string }) {
  const { t } = useTranslation();
  return (
    <nav aria-label={t('customer.tabs')} className={classes.tabs}>
      {tabs.map((tab) => (
        <Link
          key={tab.path}
          to={tab.path ? `/customers/${id}/${tab.path}` : `/customers/${id}`}
          className={classes.tab}
          activeOptions={{ exact: true, includeSearch: false }}
          aria-current={tab.path === current ? 'page' : undefined}
        >
          {t(tab.label)}
        </Link>
      ))}
    </nav>
  );
}
