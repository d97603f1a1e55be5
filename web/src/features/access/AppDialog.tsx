import { Button, Code, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, isApiError } from '@/api/client';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { changed, type AppKey } from './data';
import classes from './access.module.css';

/** The key as a QR code, a first code to try it, then the recovery codes, shown once. */
export function AppDialog({ appKey, onClose }: { appKey: AppKey; onClose: () => void }) {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const confirm = useMutation({
    mutationFn: () =>
      api.post<{ codes: string[] }>('/session/second-factor/app/confirm', { code: code.trim() }),
  });
  const wrong = isApiError(confirm.error)
    ? confirm.error.fields.find((f) => f.field === 'code')?.message
    : undefined;
  if (confirm.data) return <RecoveryCodes codes={confirm.data.codes} onClose={onClose} />;
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('account.appBegin')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        onSubmit={(e) => {
          e.preventDefault();
          confirm.mutate();
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={confirm.error} shown={['code']} />
          <Text>{t('account.appScan')}</Text>
          <svg
            className={classes.qr}
            viewBox={`-4 -4 ${appKey.size + 8} ${appKey.size + 8}`}
            role="img"
            aria-label={t('account.appQR')}
          >
            <rect x="-4" y="-4" width={appKey.size + 8} height={appKey.size + 8} fill="#fff" />
            <path d={appKey.qr} fill="#000" shapeRendering="crispEdges" />
          </svg>
          <Text size="sm" c="dimmed">
            {t('account.appType')} <Code className={classes.key}>{appKey.secret}</Code>
          </Text>
          <TextInput
            label={t('account.code')}
            inputMode="numeric"
            autoComplete="one-time-code"
            data-autofocus
            value={code}
            onChange={(e) => setCode(e.currentTarget.value)}
            error={wrong}
          />
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" loading={confirm.isPending}>
              {t('account.appConfirm')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function RecoveryCodes({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  const { t } = useTranslation();
  const done = () => {
    onClose();
    void changed();
  };
  return (
    <Modal
      opened
      onClose={done}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
      title={t('account.recovery')}
    >
      <Stack gap="sm">
        <Text>{t('account.recoveryText')}</Text>
        <ul className={classes.codes}>
          {codes.map((c) => (
            <li key={c} className="mono">
              {c}
            </li>
          ))}
        </ul>
        <Group justify="flex-end" gap={8}>
          <Button
            component="a"
            variant="default"
            leftSection={<IconDownload size={16} />}
            href={`data:text/plain;charset=utf-8,${encodeURIComponent(codes.join('\n') + '\n')}`}
            download="recovery-codes.txt"
          >
            {t('account.recoverySave')}
          </Button>
          <Button onClick={done}>{t('account.recoveryKept')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
