import { ActionIcon, Button, Group, Text } from '@mantine/core';
import { IconForms, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import type { CustomField, List } from '@/api/types';
import { queryClient } from '@/app/query';
import { usePermission } from '@/app/session';
import { HistoryLink } from '@/features/audit/HistoryLink';
import { DelayButton } from '@/features/schedule/DelayButton';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { DataTable } from '@/ui/DataTable';
import { EmptyState } from '@/ui/EmptyState';
import { ListStates } from '@/ui/ListStates';
import { PageHeader } from '@/ui/PageHeader';
import { CustomFieldDialog } from './CustomFieldDialog';

/** Fields that the operator adds to customers: in forms, grid, filters, import and export at once. */
export default function CustomFieldsPage() {
  const { t } = useTranslation();
  const mayWrite = usePermission('custom_field.write');
  const mayHistory = usePermission('audit.read');
  const [editing, setEditing] = useState<CustomField | 'new' | null>(null);
  const [removing, setRemoving] = useState<CustomField | null>(null);
  const query = useQuery({
    queryKey: ['custom-fields'],
    queryFn: async ({ signal }) => (await api.get<List<CustomField>>('/custom-fields', { signal })).items,
  });
  const fields = [...(query.data ?? [])].sort((a, b) => a.position - b.position);
  const create = mayWrite && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing('new')}>
      {t('customField.create')}
    </Button>
  );
  return (
    <div style={{ maxWidth: 900 }}>
      <PageHeader
        title={t('nav.customFields')}
        text={t('customField.text')}
        actions={fields.length > 0 && create}
      />
      <ListStates
        query={query}
        rows={4}
        isEmpty={fields.length === 0}
        empty={
          <EmptyState
            icon={IconForms}
            title={t('customField.empty')}
            text={t('customField.emptyText')}
            action={create}
          />
        }
      >
        <DataTable
          caption={t('nav.customFields')}
          rows={fields}
          rowKey={(f) => f.id}
          columns={[
            {
              key: 'label',
              head: t('customField.label'),
              cell: (f) => (
                <>
                  <Text fw={550}>{f.label}</Text>
                  {f.help && (
                    <Text size="xs" c="dimmed">
                      {f.help}
                    </Text>
                  )}
                </>
              ),
            },
            {
              key: 'key',
              head: t('customField.key'),
              cell: (f) => <span className="mono">{f.key}</span>,
              wide: true,
            },
            { key: 'type', head: t('customField.type'), cell: (f) => t(`customField.types.${f.type}`) },
            {
              key: 'required',
              head: t('customField.required'),
              cell: (f) => (f.required ? t('state.yes') : t('state.no')),
              wide: true,
            },
            ...(mayWrite || mayHistory
              ? [
                  {
                    key: 'actions',
                    head: null,
                    align: 'right' as const,
                    cell: (f: CustomField) => (
                      <Group gap={2} justify="flex-end" wrap="nowrap">
                        <HistoryLink small table="custom_fields" id={f.id} name={f.label} />
                        {mayWrite && (
                          <>
                            <ActionIcon
                              aria-label={t('customField.edit', { name: f.label })}
                              onClick={() => setEditing(f)}
                            >
                              <IconPencil size={17} />
                            </ActionIcon>
                            <ActionIcon
                              aria-label={t('customField.delete', { name: f.label })}
                              onClick={() => setRemoving(f)}
                            >
                              <IconTrash size={17} />
                            </ActionIcon>
                          </>
                        )}
                      </Group>
                    ),
                  },
                ]
              : []),
          ]}
        />
      </ListStates>
      {editing && (
        <CustomFieldDialog
          field={editing === 'new' ? undefined : editing}
          position={(fields.at(-1)?.position ?? 0) + 1}
          onClose={() => setEditing(null)}
        />
      )}
      {removing && <RemoveDialog field={removing} onClose={() => setRemoving(null)} />}
    </div>
  );
}

/** Refused while customers have values, until the person says that the values may go too. */
function RemoveDialog({ field, onClose }: { field: CustomField; onClose: () => void }) {
  const { t } = useTranslation();
  const remove = useMutation({
    mutationFn: (force: boolean) =>
      api.delete(`/custom-fields/${field.id}`, {
        version: field.version,
        query: force ? { force: true } : {},
      }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ['custom-fields'] });
      void queryClient.invalidateQueries({ queryKey: ['fields'] });
      onClose();
    },
  });
  const inUse = isApiError(remove.error) && remove.error.status === 409;
  return (
    <ConfirmDialog
      opened
      danger
      title={t('customField.deleteTitle', { name: field.label })}
      text={inUse ? t('customField.deleteInUse') : t('customField.deleteText')}
      confirm={inUse ? t('customField.deleteForce') : t('action.delete')}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(inUse)}
      onClose={onClose}
      extra={
        <DelayButton
          title={t('customField.deleteTitle', { name: field.label })}
          build={() => ({
            method: 'DELETE',
            path: `/custom-fields/${field.id}`,
            resource: 'custom_fields',
            version: field.version,
            query: inUse ? { force: true } : {},
          })}
          onDone={onClose}
        />
      }
    />
  );
}
