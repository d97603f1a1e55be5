import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useFormats } from '@/i18n/format';
import { FormSkeleton } from '@/ui/FormSkeleton';
import { LoadError } from '@/ui/LoadError';
import { Section } from '@/ui/Section';
import { StatusBadge } from '@/ui/badges';
import type { CustomerStatus } from '@/api/types';
import { Heading } from './Heading';
import { profileQuery, tilesQuery, usePortalSession, type PortalTile } from './session';
import classes from './portal.module.css';

/** /portal */
export default function DashboardPage() {
  const { t } = useTranslation();
  const session = usePortalSession();
  const tiles = useQuery(tilesQuery);
  const profile = useQuery(profileQuery);
  const notes = profile.data?.public_notes;
  if (tiles.error && !tiles.data) {
    return (
      <Stack gap="lg">
        <Heading title={t('portal.hello', { name: session?.contact.name })} />
        <LoadError error={tiles.error} onRetry={() => void tiles.refetch()} />
      </Stack>
    );
  }
  if (!tiles.data) return <FormSkeleton rows={2} />;
  return (
    <Stack gap="lg">
      <Heading
        title={t('portal.hello', { name: session?.contact.name })}
        text={t('portal.helloText', { customer: session?.customer.name })}
      />
      <div className={classes.tiles}>
        {tiles.data.map((tile) => (
          <Tile key={tile.id} tile={tile} />
        ))}
      </div>
      {notes && (
        <Section title={t('portal.notes')}>
          <Text size="md" className={classes.notes}>
            {notes}
          </Text>
        </Section>
      )}
    </Stack>
  );
}

/** One block. Its words are the wing's: portal.tile.<id> and portal.value.<id>.<value>. */
function Tile({ tile }: { tile: PortalTile }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const show = (type: string, name: string, value: string) => {
    if (type === 'date') return formats.day(value);
    if (type === 'choice') return t(`choice.${name}.${value}`, { defaultValue: value });
    return value;
  };
  return (
    <Section
      title={t(`portal.tile.${tile.id}`, { defaultValue: tile.id })}
      actions={tile.id === 'status' && <StatusBadge status={tile.value as CustomerStatus} />}
    >
      <Text size="md">{t(`portal.value.${tile.id}.${tile.value}`, { defaultValue: tile.value })}</Text>
      {!!tile.facts?.length && (
        <dl className={classes.facts}>
          {tile.facts.map((fact) => (
            <div key={fact.name}>
              <dt>{t(`portal.fact.${fact.name}`, { defaultValue: fact.name })}</dt>
              <dd>{show(fact.type, fact.name, fact.value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </Section>
  );
}
