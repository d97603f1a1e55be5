import { Radio, Stack, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { localZone, useFormats } from '@/i18n/format';
import { localInput, tomorrowAtEight, type Moment } from './data';

interface Props {
  label: string;
  value: Moment;
  onChange: (value: Moment) => void;
  /** "At once" can be chosen. */
  now?: boolean;
  /** The words of "in an hour", where it counts from something else. */
  hour?: string;
  error?: string;
}

/** When: in an hour, tomorrow morning, or a date and time whose zone is named. */
export function MomentInput({ label, value, onChange, now, hour, error }: Props) {
  const { t } = useTranslation();
  const f = useFormats();
  const zone = localZone();
  return (
    <Radio.Group
      label={label}
      value={value.choice}
      onChange={(choice) => onChange({ ...value, choice: choice as Moment['choice'] })}
      error={value.choice === 'at' ? undefined : error}
    >
      <Stack gap={8} mt={6}>
        {now && <Radio value="now" label={t('schedule.now')} />}
        <Radio value="hour" label={hour ?? t('schedule.inAnHour')} />
        <Radio
          value="tomorrow"
          label={t('schedule.tomorrow', { when: f.instant(tomorrowAtEight(new Date()).toISOString()) })}
        />
        <Radio value="at" label={t('schedule.atTime')} />
        {value.choice === 'at' && (
          <TextInput
            ml={28}
            type="datetime-local"
            step={1}
            label={t('schedule.dateAndTime')}
            description={t('schedule.zone', { zone })}
            min={localInput(new Date())}
            value={value.at}
            onChange={(e) => onChange({ ...value, at: e.currentTarget.value })}
            error={error}
          />
        )}
      </Stack>
    </Radio.Group>
  );
}
