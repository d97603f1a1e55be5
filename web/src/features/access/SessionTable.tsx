import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormats } from '@/i18n/format';
import { Tag } from '@/ui/badges';
import { DataTable } from '@/ui/DataTable';
import { device, type SessionInfo } from './data';

interface Props {
  sessions: SessionInfo[];
  onEnd?: (session: SessionInfo) => void;
}

/** Where somebody is signed in. */
export function SessionTable({ sessions, onEnd }: Props) {
  const { t } = useTranslation();
  const f = useFormats();
  return (
    <DataTable
      caption={t('account.sessions')}
      rows={sessions}
      rowKey={(s) => s.id}
      columns={[
        {
          key: 'device',
          head: t('account.device'),
          cell: (s) => (
            <span title={s.agent}>
              {device(s.agent) || t('account.unknownDevice')}{' '}
              {s.this && <Tag tone="ok" plain label={t('account.thisOne')} />}
            </span>
          ),
        },
        { key: 'ip', head: t('account.ip'), cell: (s) => <span className="mono">{s.ip}</span> },
        {
          key: 'as',
          head: t('account.as'),
          cell: (s) => (s.kind === 'staff' ? t('account.asStaff') : s.customer),
          wide: true,
        },
        {
          key: 'since',
          head: t('account.since'),
          cell: (s) => (s.created_at ? f.instant(s.created_at) : ''),
          wide: true,
        },
        { key: 'seen', head: t('account.seen'), cell: (s) => (s.seen_at ? f.instant(s.seen_at) : '') },
        ...(onEnd
          ? [
              {
                key: 'actions',
                head: null,
                align: 'right' as const,
                cell: (s: SessionInfo) =>
                  !s.this && (
                    <Button
                      size="compact-sm"
                      variant="subtle"
                      aria-label={t('account.endNamed', { device: device(s.agent), ip: s.ip })}
                      onClick={() => onEnd(s)}
                    >
                      {t('user.signOut')}
                    </Button>
                  ),
              },
            ]
          : []),
      ]}
    />
  );
}
