import { Anchor, Button, Group, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconEraser, IconEye, IconKey, IconPencil, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Contact } from '@/api/types';
import { lastList } from '@/app/lastList';
import { useCan } from '@/app/session';
import { AuditTimeline } from '@/features/audit/AuditTimeline';
import { FieldHistory } from '@/features/audit/FieldHistory';
import { CodeText } from '@/form/codes';
import { useFormats } from '@/i18n/format';
import { Masked } from '@/ui/Masked';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { PendingBanner } from '@/features/schedule/states';
import { PageHeader } from '@/ui/PageHeader';
import { isGone, RecordError } from '@/ui/RecordError';
import { Facts, Section } from '@/ui/Section';
import { contactQuery, signInQuery, signInState } from './model';
import { isFixed, RoleTag, StateTags, Verified } from './parts';
import { usePortalOpener } from '@/features/portal/OpenPortal';
import { EraseDialog } from '@/features/erasure/EraseDialog';
import { ErasedBanner } from '@/features/erasure/ErasedBanner';
import { PasswordDialog } from './PasswordDialog';
import { RemoveDialog } from './RemoveDialog';
import { ResetSecond } from './ResetSecond';
import { SendCode } from './SendCode';
import classes from './contacts.module.css';

/** /contacts/$id */
export default function ContactPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t } = useTranslation();
  const can = useCan();
  const contact = useQuery(contactQuery(id));
  const back = { to: lastList('/contacts'), label: t('contact.title') };
  if (contact.error && (!contact.data || isGone(contact.error)))
    return (
      <RecordError
        error={contact.error}
        title={t('contact.one')}
        back={back}
        onRetry={() => void contact.refetch()}
      />
    );
  if (!contact.data) return <FormSkeleton rows={4} />;
  const c = contact.data;
  return (
    <Stack gap="md" maw="var(--td-content-max)">
      <PageHeader
        title={c.name}
        back={back}
        meta={
          <Group gap={6}>
            <RoleTag role={c.role} />
            <StateTags contact={c} />
          </Group>
        }
        text={
          <>
            {c.type && <>{c.type} · </>}
            <Anchor component={Link} to={`/customers/${c.customer.id}/contacts`} underline="always">
              {c.customer_name}
            </Anchor>{' '}
            <span className="mono">{c.customer_id}</span>
          </>
        }
        actions={
          <>
            {!isFixed(c) && <Actions contact={c} />}
            {can('customer.erase') && !c.erased?.done_at && <Erase contact={c} />}
          </>
        }
      />
      <ErasedBanner erased={c.erased} />
      <PendingBanner id={c.id} resource="contacts" />
      <ContactFacts contact={c} />
      {can('audit.read') && (
        <Section title={t('contact.history')}>
          <AuditTimeline table="contacts" rowId={c.id} />
        </Section>
      )}
    </Stack>
  );
}

function Actions({ contact }: { contact: Contact }) {
  const { t } = useTranslation();
  const can = useCan();
  const navigate = useNavigate();
  const [removing, setRemoving] = useDisclosure(false);
  const [password, setPassword] = useDisclosure(false);
  const opener = usePortalOpener();
  return (
    <>
      {can('contact.write') && (
        <Button component={Link} to={`/contacts/${contact.id}/edit`} leftSection={<IconPencil size={16} />}>
          {t('action.edit')}
        </Button>
      )}
      {can('contact.write') && contact.email && (
        <Button variant="default" leftSection={<IconKey size={16} />} onClick={setPassword.open}>
          {t('contact.password')}
        </Button>
      )}
      {can('contact.impersonate') && (
        <Button
          variant="default"
          leftSection={<IconEye size={16} />}
          loading={opener.pending}
          onClick={() => opener.open({ contact })}
        >
          {t('openPortal.open')}
        </Button>
      )}
      {can('contact.delete') && (
        <Button variant="default" leftSection={<IconTrash size={16} />} onClick={setRemoving.open}>
          {t('contact.remove')}
        </Button>
      )}
      {opener.dialog}
      {password && <PasswordDialog contact={contact} onClose={setPassword.close} />}
      {removing && (
        <RemoveDialog
          contact={contact}
          onClose={setRemoving.close}
          onRemoved={() => navigate({ to: `/customers/${contact.customer.id}/contacts` })}
        />
      )}
    </>
  );
}

function Erase({ contact }: { contact: Contact }) {
  const { t } = useTranslation();
  const [erasing, setErasing] = useDisclosure(false);
  return (
    <>
      <Button variant="default" leftSection={<IconEraser size={16} />} onClick={setErasing.open}>
        {t('erasure.action')}
      </Button>
      {erasing && (
        <EraseDialog path={`/contacts/${contact.id}`} name={contact.name} onClose={setErasing.close} />
      )}
    </>
  );
}

function ContactFacts({ contact: c }: { contact: Contact }) {
  const { t } = useTranslation();
  const f = useFormats();
  const signIn = useQuery(signInQuery(c.id));
  const none = <span className="muted">{t('state.empty')}</span>;
  const comesIn = !!signIn.data?.allowed;
  const address = (name: 'email' | 'mobile', text: ReactNode, is: boolean, at?: string, by?: string) => {
    const raw = c[name];
    return raw ? (
      <span className={classes.address}>
        {text}
        <Verified is={is} address={raw} />
        {is && at && (
          <span className="muted">{t('contact.verifiedBy', { who: by, when: f.instant(at) })}</span>
        )}
        {!is && <SendCode contact={c} address={name} comesIn={comesIn} />}
      </span>
    ) : (
      none
    );
  };
  const note = (text?: string) => (text ? <span className={classes.note}>{text}</span> : none);
  return (
    <Section title={t('contact.reach')}>
      <Facts
        name={(field, label) => <FieldHistory table="contacts" id={c.id} field={field} label={label} />}
        items={[
          {
            field: 'email',
            label: t('field.email'),
            value: address(
              'email',
              <Anchor href={`mailto:${c.email}`}>{c.email}</Anchor>,
              c.email_verified,
              c.email_verified_at,
              c.email_verified_by,
            ),
          },
          {
            field: 'phone',
            label: t('field.phone'),
            value: c.masked?.includes('phone') ? <Masked /> : c.phone ? <Tel number={c.phone} /> : none,
          },
          {
            field: 'mobile',
            label: t('field.mobile'),
            value: c.masked?.includes('mobile') ? (
              <Masked />
            ) : (
              address(
                'mobile',
                <Tel number={c.mobile ?? ''} />,
                c.mobile_verified,
                c.mobile_verified_at,
                c.mobile_verified_by,
              )
            ),
          },
          {
            label: t('field.language'),
            value: c.language ? (
              <CodeText kind="language" code={c.language} />
            ) : (
              t('contact.languageOfCustomer')
            ),
          },
          {
            label: t('contact.signIn'),
            value: signIn.data ? (
              <>
                {t(`contact.signInState.${signInState(signIn.data)}`)}
                {signIn.data.second_factor && <ResetSecond contact={c} />}
              </>
            ) : (
              none
            ),
          },
          {
            field: 'allowed_ips',
            label: t('field.allowed_ips'),
            value: c.allowed_ips?.length ? (
              <span className="mono">{c.allowed_ips.join(', ')}</span>
            ) : (
              t('contact.anywhere')
            ),
          },
          { field: 'public_notes', label: t('field.public_notes'), value: note(c.public_notes), wide: true },
          ...(c.private_notes === undefined
            ? []
            : [
                {
                  field: 'private_notes',
                  label: t('field.private_notes'),
                  value: note(c.private_notes),
                  wide: true,
                },
              ]),
          { label: t('field.created_at'), value: f.instant(c.created_at) },
          { label: t('field.updated_at'), value: f.instant(c.updated_at) },
        ]}
      />
    </Section>
  );
}

function Tel({ number }: { number: string }) {
  return (
    <Anchor href={`tel:${number}`} className="num">
      {number}
    </Anchor>
  );
}
