import { ActionIcon, Anchor, Button, Indicator, Popover, ScrollArea, Stack, Text } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Notice } from '@/api/types';
import { useFormats } from '@/i18n/format';
import { event } from '@/sentences';
import { addressOf, latestQuery, markRead, unreadQuery } from './data';
import classes from './notices.module.css';

/** What happened that concerns the person, from every page. */
export function Bell() {
  const { t } = useTranslation();
  const f = useFormats();
  const [opened, setOpened] = useState(false);
  const { data: unread = 0 } = useQuery(unreadQuery);
  const { data: latest = [] } = useQuery({ ...latestQuery, enabled: opened });
  const label = unread > 0 ? t('notices.unread', { count: unread, n: f.number(unread) }) : t('notices.title');
  return (
    <Popover opened={opened} onChange={setOpened} width={340} position="bottom-end" trapFocus>
      <Indicator
        disabled={unread === 0}
        label={unread > 99 ? '99+' : unread}
        size={16}
        offset={5}
        color="danger"
      >
        <Popover.Target>
          <ActionIcon size={36} aria-label={label} onClick={() => setOpened((o) => !o)}>
            <IconBell size={20} stroke={1.6} />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown p={0} aria-label={t('notices.title')}>
        <ScrollArea.Autosize mah={380}>
          <Stack gap={0}>
            {latest.length === 0 && (
              <Text c="dimmed" p="md">
                {t('notices.none')}
              </Text>
            )}
            {latest.map((notice) => (
              <Line key={notice.id} notice={notice} onPick={() => setOpened(false)} />
            ))}
          </Stack>
        </ScrollArea.Autosize>
        <div className={classes.foot}>
          <Anchor component={Link} to="/notices" onClick={() => setOpened(false)}>
            {t('notices.all')}
          </Anchor>
          {unread > 0 && (
            <Button size="compact-sm" variant="subtle" onClick={() => void markRead()}>
              {t('notices.markAll')}
            </Button>
          )}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function Line({ notice, onPick }: { notice: Notice; onPick: () => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  return (
    <Link
      to={(addressOf(notice) ?? '/notices') as never}
      className={classes.line}
      data-unread={!notice.read || undefined}
      onClick={() => {
        if (!notice.read) void markRead([notice.id]);
        onPick();
      }}
    >
      <span className={classes.what}>{t(`notices.code.${notice.code}`, { defaultValue: notice.code })}</span>
      <span className={classes.name}>{event(notice.name)}</span>
      <span className={classes.when}>{f.ago(notice.at)}</span>
    </Link>
  );
}
