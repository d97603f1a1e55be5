import { Button, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch, IconUsers } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import type { Contact, List } from '@/api/types';
import { DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { ListStates } from '@/ui/ListStates';
import { PageHeader } from '@/ui/PageHeader';
import { Section } from '@/ui/Section';
import { Tag } from '@/ui/badges';
import { usePortalOpener } from './OpenPortal';

/** /open-portal: find a contact, and see the portal as they do. */
export default function OpenPortalPage() {
  const { t } = useTranslation();
  const opener = usePortalOpener();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed.trim(), 200);
  const found = useQuery({
    queryKey: ['contacts', 'for-portal', q],
    queryFn: ({ signal }) =>
      api.get<List<Contact>>('/contacts', { query: { q, limit: 20, sort: 'name', total: 'none' }, signal }),
    placeholderData: keepPreviousData,
  });
  const rows = (found.data?.items ?? []).filter((c) => !c.customer_closed);
  return (
    <Stack gap="md" maw={860}>
      <PageHeader title={t('openPortal.page')} text={t('openPortal.pageText')} />
      <TextInput
        aria-label={t('contact.find')}
        placeholder={t('contact.find')}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={(e) => setTyped(e.currentTarget.value)}
        autoFocus
      />
      <Section title={t('contact.title')} flush>
        <ListStates
          query={found}
          isEmpty={rows.length === 0}
          empty={<EmptyState icon={IconUsers} title={t('portal.noneFound')} />}
        >
          <DataTable
            caption={t('contact.title')}
            rows={rows}
            rowKey={(c) => c.id}
            columns={[
              { key: 'name', head: t('field.name'), cell: (c) => c.name },
              { key: 'customer', head: t('field.customer'), cell: (c) => c.customer_name },
              {
                key: 'role',
                head: t('contact.role'),
                cell: (c) => <Tag tone="mute" plain label={t(`choice.role.${c.role}`)} />,
                wide: true,
              },
              {
                key: 'open',
                head: null,
                align: 'right',
                cell: (c) => (
                  <Button
                    size="compact-sm"
                    variant="subtle"
                    aria-label={t('openPortal.openNamed', { name: c.name })}
                    onClick={() => opener.open({ contact: c })}
                  >
                    {t('openPortal.open')}
                  </Button>
                ),
              },
            ]}
          />
        </ListStates>
      </Section>
      {opener.dialog}
    </Stack>
  );
}
