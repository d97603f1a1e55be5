import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { queryClient } from '@/app/query';
import { ListStates } from '@/ui/ListStates';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { Section } from '@/ui/Section';
import { ownSessionsQuery } from './data';
import { SessionTable } from './SessionTable';

/** Where whoever is signed in is signed in, and how to end it elsewhere. */
export function OwnSessions() {
  const { t } = useTranslation();
  const sessions = useQuery(ownSessionsQuery);
  const end = useMutation({
    mutationFn: (id?: string) => api.delete(id ? `/session/all/${id}` : '/session/all'),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ownSessionsQuery.queryKey }),
  });
  const others = (sessions.data ?? []).some((s) => !s.this);
  return (
    <Section
      title={t('account.sessions')}
      text={t('account.sessionsText')}
      actions={
        others && (
          <Button variant="default" loading={end.isPending} onClick={() => end.mutate(undefined)}>
            {t('account.endOthers')}
          </Button>
        )
      }
    >
      <ProblemAlert error={end.error} />
      <ListStates query={sessions} isEmpty={false} empty={null}>
        <SessionTable sessions={sessions.data ?? []} onEnd={(s) => end.mutate(s.id)} />
      </ListStates>
    </Section>
  );
}
