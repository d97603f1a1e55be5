import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { queryClient } from '@/app/query';
import { useFormats } from '@/i18n/format';
import { DataTable } from '@/ui/DataTable';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { Section } from '@/ui/Section';
import { linksPath, linksQuery } from './data';

/** Who vouches for oneself, or for a staff user; nothing when nobody does. */
export function Links({ staff }: { staff?: string }) {
  const { t } = useTranslation();
  const f = useFormats();
  const links = useQuery(linksQuery(staff));
  const remove = useMutation({
    mutationFn: (id: string) => api.delete(`${linksPath(staff)}/${id}`),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['provider-links'] }),
  });
  const rows = links.data ?? [];
  if (rows.length === 0) return null;
  return (
    <Section title={t('provider.links')} text={t('provider.linksText')}>
      <ProblemAlert error={remove.error} />
      <DataTable
        caption={t('provider.links')}
        rows={rows}
        rowKey={(l) => l.id}
        columns={[
          { key: 'provider', head: t('provider.name'), cell: (l) => l.provider },
          { key: 'email', head: t('field.email'), cell: (l) => l.email, wide: true },
          {
            key: 'used',
            head: t('account.seen'),
            cell: (l) => (l.last_used_at ? f.instant(l.last_used_at) : ''),
          },
          {
            key: 'actions',
            head: null,
            align: 'right' as const,
            cell: (l) => (
              <Button
                size="compact-sm"
                variant="subtle"
                aria-label={t('provider.unlinkNamed', { name: l.provider })}
                loading={remove.isPending && remove.variables === l.id}
                onClick={() => remove.mutate(l.id)}
              >
                {t('provider.unlink')}
              </Button>
            ),
          },
        ]}
      />
    </Section>
  );
}
