import { Button, Group, Modal, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { settingsQuery } from '@/api/settings';
import type { Contact, List, Ref } from '@/api/types';
import { usePermission } from '@/app/session';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { Tag } from '@/ui/badges';
import classes from './portal.module.css';

/** As whom: a contact, or whoever is right at a customer. */
export type Target = { contact: Pick<Contact, 'id' | 'name'> } | { customer: Ref };

interface Opener {
  open: (target: Target) => void;
  pending: boolean;
  /** To be drawn somewhere: what has to be asked, and what went wrong. */
  dialog: ReactNode;
}

interface Ask {
  target: Target;
  /** Of a customer: who there is. */
  people?: Contact[];
  /** The link, when the browser did not let it be opened. */
  url?: string;
}

/** Opens the portal as a contact in a tab of its own: with one click, unless something has to be asked first. */
export function usePortalOpener(): Opener {
  const settings = useQuery({ ...settingsQuery, enabled: usePermission('setting.read') });
  const typed = settings.data?.impersonation_reason === 'typed';
  const [ask, setAsk] = useState<Ask | null>(null);
  const close = () => {
    setAsk(null);
    enter.reset();
    look.reset();
  };
  const enter = useMutation({
    mutationFn: (v: { contact: Pick<Contact, 'id' | 'name'>; reason: string }) =>
      api.post<{ url: string }>(
        `/contacts/${v.contact.id}/impersonate`,
        v.reason ? { reason: v.reason } : {},
      ),
    onSuccess: ({ url }, { contact }) => {
      if (window.open(url, '_blank')) close();
      else setAsk({ target: { contact }, url });
    },
    onError: (_, { contact }) => setAsk({ target: { contact } }),
  });
  const go = (contact: Pick<Contact, 'id' | 'name'>) => {
    if (typed) setAsk({ target: { contact } });
    else enter.mutate({ contact, reason: '' });
  };
  const look = useMutation({
    mutationFn: async (customer: Ref) =>
      (
        await api.get<List<Contact>>(`/customers/${customer.id}/contacts`, {
          query: { sort: 'name', limit: 100 },
        })
      ).items,
    onSuccess: (people, customer) => {
      const owners = people.filter((c) => c.role === 'owner');
      if (owners.length === 1) go(owners[0]!);
      else setAsk({ target: { customer }, people: owners.length > 1 ? owners : people });
    },
    onError: (_, customer) => setAsk({ target: { customer } }),
  });
  return {
    open: (target) => ('contact' in target ? go(target.contact) : look.mutate(target.customer)),
    pending: enter.isPending || look.isPending,
    dialog: ask && (
      <AskDialog
        ask={ask}
        typed={typed}
        error={enter.error ?? look.error}
        pending={enter.isPending}
        onPick={go}
        onReason={(contact, reason) => enter.mutate({ contact, reason })}
        onClose={close}
      />
    ),
  };
}

interface AskProps {
  ask: Ask;
  typed: boolean;
  error: unknown;
  pending: boolean;
  onPick: (contact: Contact) => void;
  onReason: (contact: Pick<Contact, 'id' | 'name'>, reason: string) => void;
  onClose: () => void;
}

function AskDialog(props: AskProps) {
  const { t } = useTranslation();
  const { ask, error, onClose } = props;
  const name = 'contact' in ask.target ? ask.target.contact.name : ask.target.customer.name;
  return (
    <Modal
      opened
      onClose={onClose}
      size={460}
      title={t('openPortal.title', { name })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Stack gap="md">
        <ProblemAlert error={error} shown={['reason']} />
        <AskBody {...props} />
      </Stack>
    </Modal>
  );
}

function AskBody({ ask, typed, error, pending, onPick, onReason, onClose }: AskProps) {
  const { t } = useTranslation();
  if (ask.url) {
    return (
      <>
        <Text>{t('openPortal.blocked')}</Text>
        <Group justify="flex-end">
          <Button component="a" href={ask.url} target="_blank" onClick={onClose}>
            {t('openPortal.open')}
          </Button>
        </Group>
      </>
    );
  }
  if ('customer' in ask.target) {
    if (!ask.people) return null;
    return <Pick customer={ask.target.customer} people={ask.people} onPick={onPick} onClose={onClose} />;
  }
  if (!typed && error) return null;
  return <Reason contact={ask.target.contact} pending={pending} onReason={onReason} onClose={onClose} />;
}

function Pick({
  customer,
  people,
  onPick,
  onClose,
}: {
  customer: Ref;
  people: Contact[];
  onPick: (c: Contact) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const mayWrite = usePermission('contact.write');
  if (people.length === 0) {
    return (
      <>
        <Text>{t('openPortal.nobody', { name: customer.name })}</Text>
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          {mayWrite && (
            <Button component={Link} to={`/customers/${customer.id}/contacts/new`}>
              {t('contact.create')}
            </Button>
          )}
        </Group>
      </>
    );
  }
  return (
    <>
      <Text>{t('openPortal.pick')}</Text>
      <Stack gap="xs">
        {people.map((c) => (
          <UnstyledButton key={c.id} className={classes.pick} onClick={() => onPick(c)}>
            <span>
              <Text span fw={600} display="block">
                {c.name}
              </Text>
              <Text span c="dimmed">
                {c.email}
              </Text>
            </span>
            <Tag tone="mute" label={t(`choice.role.${c.role}`)} />
          </UnstyledButton>
        ))}
      </Stack>
    </>
  );
}

interface ReasonProps {
  contact: Pick<Contact, 'id' | 'name'>;
  pending: boolean;
  onReason: AskProps['onReason'];
  onClose: () => void;
}

function Reason({ contact, pending, onReason, onClose }: ReasonProps) {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        if (reason.trim()) onReason(contact, reason.trim());
      }}
    >
      <Stack gap="md">
        <TextInput
          label={t('openPortal.reason')}
          description={t('openPortal.reasonHint')}
          value={reason}
          onChange={(e) => setReason(e.currentTarget.value)}
          maxLength={500}
          required
          data-autofocus
        />
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={pending} disabled={!reason.trim()}>
            {t('openPortal.open')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
