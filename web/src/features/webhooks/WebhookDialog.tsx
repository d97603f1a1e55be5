import { Button, Group, Input, Modal, Text, TextInput } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import { queryClient } from '@/app/query';
import { FilterBuilder, FilterChips, restSource, useFields, type FilterGroup } from '@/grid';
import { readFilter, writeFilter } from '@/grid/model/filter';
import { useFormats } from '@/i18n/format';
import { DelayButton } from '@/features/schedule/DelayButton';
import { RecordDialog } from '@/ui/RecordDialog';
import { areaOf, chosen, patternsOf, typesQuery, type NewWebhook, type Webhook } from './data';
import { EventsPicker } from './EventsPicker';

const customers = restSource('/customers', { rich: true });
const noTypes: never[] = [];

interface Props {
  webhook?: Webhook;
  onClose: () => void;
  onSaved: (webhook: NewWebhook) => void;
}

/** Makes or changes a webhook. */
export function WebhookDialog({ webhook, onClose, onSaved }: Props) {
  const { t } = useTranslation();
  const { locale } = useFormats();
  const types = useQuery(typesQuery).data?.items ?? noTypes;
  const { fields } = useFields('customers', customers);
  const byName = useMemo(() => new Map((fields ?? []).map((f) => [f.name, f])), [fields]);
  const [url, setUrl] = useState(webhook?.url ?? 'https://');
  const [description, setDescription] = useState(webhook?.description ?? '');
  const [picked, setPicked] = useState<Set<string> | null>(null);
  const [filter, setFilter] = useState<FilterGroup | null>(readFilter(webhook?.filter));
  const [building, setBuilding] = useState(false);
  const events = picked ?? chosen(webhook?.events ?? [], types);
  const ofCustomers = [...events].some((name) => areaOf(name) === 'customer');
  const body = {
    url: url.trim(),
    description: description.trim(),
    events: picked ? patternsOf(picked, types) : (webhook?.events ?? []),
    filter: ofCustomers ? writeFilter(filter) : '',
  };
  const save = useMutation({
    mutationFn: () =>
      webhook
        ? api.patch<NewWebhook>(`/webhooks/${webhook.id}`, body, { version: webhook.version })
        : api.post<NewWebhook>('/webhooks', body),
    onSuccess: (saved) => {
      void queryClient.invalidateQueries({ queryKey: ['webhooks'] });
      onSaved(saved);
    },
    onError: (error) => {
      if (isApiError(error) && error.status === 412)
        void queryClient.invalidateQueries({ queryKey: ['webhooks'] });
    },
  });
  const wrong = (field: string) =>
    isApiError(save.error) ? save.error.fields.find((f) => f.field === field)?.message : undefined;
  return (
    <>
      <RecordDialog
        title={webhook ? t('webhooks.edit') : t('webhooks.add')}
        submit={webhook ? t('action.save') : t('webhooks.create')}
        error={save.error}
        shown={['url', 'description', 'events', 'filter']}
        pending={save.isPending}
        onSubmit={() => save.mutate()}
        onClose={onClose}
        size={620}
        extra={
          webhook && (
            <DelayButton
              title={t('webhooks.edit')}
              build={() => ({
                method: 'PATCH',
                path: `/webhooks/${webhook.id}`,
                resource: 'webhooks',
                body,
                version: webhook.version,
              })}
              onDone={onClose}
            />
          )
        }
      >
        <TextInput
          label={t('webhooks.url')}
          description={t('webhooks.urlHint')}
          type="url"
          value={url}
          onChange={(e) => setUrl(e.currentTarget.value)}
          error={wrong('url')}
          autoComplete="off"
          data-autofocus
        />
        <TextInput
          label={t('field.description')}
          value={description}
          onChange={(e) => setDescription(e.currentTarget.value)}
          error={wrong('description')}
          autoComplete="off"
        />
        <EventsPicker
          types={types}
          value={events}
          onChange={setPicked}
          error={events.size ? undefined : wrong('events')}
        />
        {ofCustomers && (
          <Input.Wrapper
            label={t('webhooks.filter')}
            description={t('webhooks.filterHint')}
            error={wrong('filter')}
            labelElement="div"
          >
            <Group gap={8} mt={6}>
              {filter ? (
                <FilterChips
                  filter={filter}
                  byName={byName}
                  format={{ locale, yes: t('state.yes'), no: t('state.no') }}
                  onChange={setFilter}
                  onEdit={() => setBuilding(true)}
                />
              ) : (
                <Text size="sm">{t('webhooks.allCustomers')}</Text>
              )}
              <Button
                variant="default"
                size="xs"
                leftSection={<IconFilter size={14} />}
                disabled={!fields}
                onClick={() => setBuilding(true)}
              >
                {t('webhooks.narrow')}
              </Button>
            </Group>
          </Input.Wrapper>
        )}
      </RecordDialog>
      {building && fields && (
        <Modal
          opened
          onClose={() => setBuilding(false)}
          title={t('webhooks.filter')}
          size={760}
          closeButtonProps={{ 'aria-label': t('action.close') }}
        >
          <FilterBuilder
            fields={fields}
            byName={byName}
            value={filter}
            onApply={(next) => {
              setFilter(next);
              setBuilding(false);
            }}
            onClose={() => setBuilding(false)}
          />
        </Modal>
      )}
    </>
  );
}
