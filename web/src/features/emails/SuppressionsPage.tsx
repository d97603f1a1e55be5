import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconMailOff, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import { usePermission } from '@/app/session';
import { GridMessage, ListPage, type FieldDef, type GridRow } from '@/grid';
import { DelayButton } from '@/features/schedule/DelayButton';
import { ConfirmDialog } from '@/ui/ConfirmDialog';
import { RecordDialog } from '@/ui/RecordDialog';
import type { Suppression } from './data';

type Row = Suppression & GridRow;

const newestFirst = [{ field: 'created_at', desc: true }];

export default function SuppressionsPage() {
  const { t } = useTranslation();
  const mayWrite = usePermission('email_suppression.write');
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Suppression | null>(null);
  const refine = useCallback(
    (field: FieldDef): FieldDef =>
      field.name === 'reason'
        ? {
            ...field,
            choices: ['bounced', 'manual'].map((value) => ({ value, label: t(`emails.reason.${value}`) })),
          }
        : field,
    [t],
  );
  const add = mayWrite && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      {t('emails.suppress')}
    </Button>
  );
  return (
    <ListPage<Row>
      target="suppressions"
      title={t('emails.suppressions')}
      text={t('emails.suppressionsText')}
      changesTable="email_suppressions"
      pinned={['address']}
      selectable={false}
      defaultSort={newestFirst}
      refine={refine}
      rowActionsWidth={90}
      rowActions={
        mayWrite
          ? (s) => (
              <ActionIcon
                size={28}
                aria-label={t('emails.releaseNamed', { address: s.address })}
                onClick={() => setRemoving(s)}
              >
                <IconTrash size={16} />
              </ActionIcon>
            )
          : undefined
      }
      actions={() => add}
      empty={
        <GridMessage
          icon={IconMailOff}
          title={t('emails.noSuppressions')}
          text={t('emails.noSuppressionsText')}
        />
      }
    >
      {(list) => (
        <>
          {adding && (
            <AddDialog
              onClose={() => {
                setAdding(false);
                list.refresh();
              }}
            />
          )}
          {removing && (
            <Release
              suppression={removing}
              onClose={() => {
                setRemoving(null);
                list.refresh();
              }}
            />
          )}
        </>
      )}
    </ListPage>
  );
}

function AddDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [address, setAddress] = useState('');
  const [detail, setDetail] = useState('');
  const save = useMutation({
    mutationFn: () => api.post('/suppressions', { address: address.trim(), detail: detail.trim() }),
    onSuccess: onClose,
  });
  const wrong = (field: string) =>
    isApiError(save.error) ? save.error.fields.find((f) => f.field === field)?.message : undefined;
  return (
    <RecordDialog
      title={t('emails.suppress')}
      submit={t('emails.suppress')}
      error={save.error}
      shown={['address', 'detail']}
      pending={save.isPending}
      onSubmit={() => save.mutate()}
      onClose={onClose}
      extra={
        <DelayButton
          title={t('emails.suppress')}
          build={() => ({
            method: 'POST',
            path: '/suppressions',
            resource: 'suppressions',
            body: { address: address.trim(), detail: detail.trim() },
          })}
          onDone={onClose}
        />
      }
    >
      <TextInput
        label={t('emails.address')}
        type="email"
        value={address}
        onChange={(e) => setAddress(e.currentTarget.value)}
        error={wrong('address')}
        autoComplete="off"
        data-autofocus
      />
      <TextInput
        label={t('emails.why')}
        value={detail}
        onChange={(e) => setDetail(e.currentTarget.value)}
        error={wrong('detail')}
        autoComplete="off"
      />
    </RecordDialog>
  );
}

function Release({ suppression, onClose }: { suppression: Suppression; onClose: () => void }) {
  const { t } = useTranslation();
  const remove = useMutation({
    mutationFn: () => api.delete(`/suppressions/${suppression.id}`),
    onSuccess: onClose,
  });
  return (
    <ConfirmDialog
      opened
      title={t('emails.releaseTitle', { address: suppression.address })}
      text={t('emails.releaseText')}
      confirm={t('emails.release')}
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
      extra={
        <DelayButton
          title={t('emails.releaseTitle', { address: suppression.address })}
          build={() => ({
            method: 'DELETE',
            path: `/suppressions/${suppression.id}`,
            resource: 'suppressions',
          })}
          onDone={onClose}
        />
      }
    />
  );
}
