import { Checkbox, Fieldset, SimpleGrid, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { areaName, areaOf, eventName, type EventType } from './data';

interface Props {
  types: EventType[];
  value: Set<string>;
  onChange: (next: Set<string>) => void;
  error?: string;
}

/** Events by the area they tell of; the box of an area takes all of it. */
export function EventsPicker({ types, value, onChange, error }: Props) {
  const { t } = useTranslation();
  const areas = [...new Set(types.map((e) => areaOf(e.name)))];
  const put = (names: string[], on: boolean) => {
    const next = new Set(value);
    for (const name of names) {
      if (on) next.add(name);
      else next.delete(name);
    }
    onChange(next);
  };
  return (
    <Fieldset legend={<b>{t('webhooks.events')}</b>} variant="unstyled">
      {error && (
        <Text c="var(--mantine-color-error)" size="sm" mb={4} role="alert">
          {error}
        </Text>
      )}
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md" verticalSpacing="sm" mt={4}>
        {areas.map((area) => {
          const names = types.filter((e) => areaOf(e.name) === area).map((e) => e.name);
          const on = names.filter((name) => value.has(name)).length;
          return (
            <Stack key={area} gap={6}>
              <Checkbox
                label={<b>{areaName(t, area)}</b>}
                checked={on === names.length}
                indeterminate={on > 0 && on < names.length}
                onChange={(e) => put(names, e.currentTarget.checked)}
              />
              {names.map((name) => (
                <Checkbox
                  key={name}
                  ml="lg"
                  size="sm"
                  label={eventName(t, name)}
                  title={name}
                  checked={value.has(name)}
                  onChange={(e) => put([name], e.currentTarget.checked)}
                />
              ))}
            </Stack>
          );
        })}
      </SimpleGrid>
    </Fieldset>
  );
}
