import { useState, type FormEvent } from 'react';
import {
  Button,
  Checkbox,
  Group,
  Modal,
  NumberInput,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconDownload } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, isApiError, send } from '@/api/client';
import type { Job } from '@/api/types';
import { JobProgress, saveResponse, type FieldDef } from '@/grid';
import { useFormats } from '@/i18n/format';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { FieldValue } from './FieldValue';
import classes from './list.module.css';

interface Props {
  fields: FieldDef[];
  onClose: () => void;
  onDone: () => void;
}

/** What must differ from customer to customer, or is given by the system. */
const OWN = new Set([
  'customer_id',
  'reference',
  'email',
  'balance',
  'created_at',
  'updated_at',
  'status_reason',
]);

type Values = Record<string, string | string[]>;

function filled(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).filter(([, v]) => (Array.isArray(v) ? v.length > 0 : v !== '')),
  );
}

/** Custom fields travel under `custom`. */
function defaultsBody(values: Values): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  const custom: Record<string, unknown> = {};
  for (const [name, v] of Object.entries(filled(values))) {
    if (name.startsWith('custom.')) custom[name.slice(7)] = v;
    else out[name] = v;
  }
  return Object.keys(custom).length ? { ...out, custom } : out;
}

interface Form {
  count: number;
  prefix: string;
  length: number;
}

/** Worth asking the server about. */
const isPossible = (f: Form) => f.count > 0 && /^[a-z0-9]+$/i.test(f.prefix) && f.length > f.prefix.length;

/** Many customers at once: numbers from a prefix and a length, the same values for all. */
export function MassCreate({ fields, onClose, onDone }: Props) {
  const { t } = useTranslation();
  const f = useFormats();
  const [count, setCount] = useState<number | string>(50);
  const [prefix, setPrefix] = useState('');
  const [length, setLength] = useState<number | string>(8);
  const [tokens, setTokens] = useState(false);
  const [values, setValues] = useState<Values>({ billing_type: 'prepaid' });
  const [opening, setOpening] = useState({ balance: '', debit_limit: '' });
  const [jobId, setJobId] = useState<string>();
  const usable = fields.filter((x) => x.editable !== false && !OWN.has(x.name));
  const headings = [...new Set(usable.map((x) => x.group ?? ''))];
  const given = Object.entries(opening).filter(([, v]) => v.trim() !== '');

  const body = {
    count: Number(count),
    prefix: prefix.trim(),
    length: Number(length),
    defaults: defaultsBody(values),
    opening: given.length > 0 ? Object.fromEntries(given) : undefined,
    setup_tokens: tokens,
  };
  const [asked] = useDebouncedValue(JSON.stringify(body), 400);
  const possible = isPossible(body);
  const free = useQuery({
    queryKey: ['bulk-create', 'preview', asked],
    enabled: isPossible(JSON.parse(asked) as Form) && !jobId,
    retry: false,
    queryFn: ({ signal }) =>
      api.post<{ free: number; count: number }>(
        '/customers/bulk-create',
        { ...(JSON.parse(asked) as object), dry_run: true },
        { signal },
      ),
  });
  const run = useMutation({
    mutationFn: () => api.post<Job>('/customers/bulk-create', body),
    onSuccess: (j) => setJobId(j.id),
  });
  const error = run.error ?? (possible ? free.error : null);
  const wrong = (name: string) =>
    isApiError(error)
      ? error.fields.find(
          (e) => e.field === name || e.field === `defaults.${name}` || e.field === `opening.${name}`,
        )?.message
      : undefined;
  const submit = (e: FormEvent) => {
    e.preventDefault();
    run.mutate();
  };
  return (
    <Modal
      opened
      size="lg"
      onClose={onClose}
      title={t('customerList.massForm.title')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {jobId ? (
        <Stack gap="md">
          <JobProgress id={jobId} rows onFinished={onDone}>
            {(job) => job.state === 'done' && job.result_file && <ResultDownload id={job.id} />}
          </JobProgress>
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('action.close')}</Button>
          </Group>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack gap="md">
            <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
              <NumberInput
                label={t('customerList.massForm.count')}
                required
                min={1}
                max={1_000_000}
                allowDecimal={false}
                value={count}
                onChange={setCount}
                error={wrong('count')}
                data-autofocus
                hideControls
              />
              <TextInput
                label={t('customerList.massForm.prefix')}
                required
                value={prefix}
                onChange={(e) => setPrefix(e.target.value.replace(/[^a-z0-9]/gi, ''))}
                error={wrong('prefix')}
              />
              <NumberInput
                label={t('customerList.massForm.length')}
                required
                min={2}
                max={20}
                allowDecimal={false}
                value={length}
                onChange={setLength}
                error={wrong('length')}
                hideControls
              />
            </SimpleGrid>
            <Text aria-live="polite" c="dimmed">
              {!possible
                ? t('customerList.massForm.hint')
                : free.data
                  ? t('customerList.massForm.free', {
                      count: free.data.free,
                      n: f.number(free.data.free),
                      example: prefix.trim().padEnd(Number(length), '•'),
                    })
                  : free.isFetching
                    ? t('state.loading')
                    : ''}
            </Text>
            <fieldset className={classes.fields}>
              <legend>{t('customerList.massForm.opening')}</legend>
              <Text c="dimmed" mb={8}>
                {t('customerList.massForm.openingText')}
              </Text>
              <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
                {(['balance', 'debit_limit'] as const).map((name) => (
                  <TextInput
                    key={name}
                    label={t(`customerList.massForm.${name}`)}
                    inputMode="decimal"
                    placeholder="0.00"
                    value={opening[name]}
                    error={wrong(name)}
                    onChange={(e) => setOpening({ ...opening, [name]: e.target.value.replace(',', '.') })}
                  />
                ))}
              </SimpleGrid>
            </fieldset>
            <div>
              <Text fw={600}>{t('customerList.massForm.defaults')}</Text>
              <Text c="dimmed">{t('customerList.massForm.defaultsText')}</Text>
            </div>
            {headings.map((heading) => (
              <fieldset key={heading} className={classes.heading}>
                <legend>{t(`grid.headings.${heading}`, { defaultValue: heading })}</legend>
                <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
                  {usable
                    .filter((x) => (x.group ?? '') === heading)
                    .map((x) => (
                      <FieldValue
                        key={x.name}
                        size="sm"
                        field={x}
                        label={x.label}
                        error={wrong(x.name)}
                        value={values[x.name] ?? (x.type === 'multiref' ? [] : '')}
                        onChange={(v) => setValues({ ...values, [x.name]: v })}
                      />
                    ))}
                </SimpleGrid>
              </fieldset>
            ))}
            <Checkbox
              label={t('customerList.massForm.tokens')}
              description={t('customerList.massForm.tokensHint')}
              checked={tokens}
              onChange={(e) => setTokens(e.target.checked)}
            />
            {error && (
              <ProblemAlert
                error={error}
                shown={[
                  'count',
                  'prefix',
                  'length',
                  'opening.balance',
                  'opening.debit_limit',
                  ...usable.map((x) => `defaults.${x.name}`),
                ]}
              />
            )}
            <div className={classes.footer}>
              <Button variant="default" onClick={onClose}>
                {t('action.cancel')}
              </Button>
              <Button
                type="submit"
                disabled={!possible || (free.isError && !free.isFetching)}
                loading={run.isPending}
              >
                {t('customerList.massForm.run', {
                  count: Number(count) || 0,
                  n: f.number(Number(count) || 0),
                })}
              </Button>
            </div>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

/** The list of numbers and tokens is handed out a single time. */
function ResultDownload({ id }: { id: string }) {
  const { t } = useTranslation();
  const get = useMutation({
    mutationFn: async () =>
      saveResponse(await send(`/jobs/${id}/result`, { accept: '*/*' }), 'customers.csv'),
  });
  return (
    <Stack gap={6}>
      <Group gap={8}>
        <Button
          size="xs"
          leftSection={<IconDownload size={15} />}
          loading={get.isPending}
          disabled={get.isSuccess}
          onClick={() => get.mutate()}
        >
          {t('customerList.massForm.download')}
        </Button>
        <Text size="xs" c="dimmed">
          {t('customerList.massForm.once')}
        </Text>
      </Group>
      {get.error && <ProblemAlert error={get.error} />}
    </Stack>
  );
}
