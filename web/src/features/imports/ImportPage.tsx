import { useState } from 'react';
import { Button, Group, Modal, Skeleton, Stack, Text } from '@mantine/core';
import { IconArrowBackUp, IconArrowLeft, IconFileImport } from '@tabler/icons-react';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { JobProgress } from '@/grid';
import { useFormats } from '@/i18n/format';
import { PageHeader } from '@/ui/PageHeader';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { RecordError } from '@/ui/RecordError';
import { ImportBadge } from './ImportBadge';
import { ImportRows } from './ImportRows';
import { ImportSetup } from './ImportSetup';
import { ImportSummaryView } from './ImportSummary';
import classes from './imports.module.css';
import { hasBegun, isBusy, type Import } from './types';
import { useImport, useImportAction, useRefreshImport } from './useImport';
import { WrongRows } from './WrongRows';

/** One import at its own address: set up, check, run, result. It can be left and found again at any point. */
export default function ImportPage() {
  const { t } = useTranslation();
  const f = useFormats();
  const { importId } = useParams({ strict: false }) as { importId: string };
  const { data: imp, error, refetch } = useImport(importId);
  // Back to the columns after a check, without losing the check.
  const [editing, setEditing] = useState(false);
  const back = { to: '/imports', label: t('nav.imports') };
  if (error && !imp)
    return <RecordError error={error} title={t('imports.one')} back={back} onRetry={() => void refetch()} />;
  if (!imp) return <Skeleton height={240} aria-label={t('state.loading')} />;
  const setup = imp.state === 'draft' || (editing && !isBusy(imp.state));
  const step = setup ? 0 : imp.state === 'checked' || imp.state === 'checking' ? 1 : 2;
  return (
    <div className={classes.page}>
      <PageHeader
        title={imp.file_name}
        meta={<ImportBadge state={imp.state} />}
        text={[
          f.bytes(imp.size),
          ...(imp.rows > 0 ? [t('imports.rows', { count: imp.rows, n: f.number(imp.rows) })] : []),
        ].join(' · ')}
        back={back}
      />
      <Steps at={step} />
      {setup ? (
        <ImportSetup imp={imp} onChecking={() => setEditing(false)} />
      ) : isBusy(imp.state) ? (
        <Busy imp={imp} />
      ) : (
        <Found imp={imp} onEdit={() => setEditing(true)} />
      )}
    </div>
  );
}

function Steps({ at }: { at: number }) {
  const { t } = useTranslation();
  return (
    <ol className={classes.steps} aria-label={t('imports.steps.title')}>
      {(['setup', 'check', 'result'] as const).map((s, i) => (
        <li key={s} aria-current={i === at ? 'step' : undefined} data-done={i < at || undefined}>
          <span className={classes.stepMark} aria-hidden>
            {i + 1}
          </span>
          {t(`imports.steps.${s}`)}
        </li>
      ))}
    </ol>
  );
}

function Busy({ imp }: { imp: Import }) {
  const { t } = useTranslation();
  const refresh = useRefreshImport(imp.id);
  const id =
    imp.state === 'checking' ? imp.check_job : imp.state === 'undoing' ? (imp.undo_job ?? imp.job) : imp.job;
  return (
    <section className={classes.card} aria-label={t(`imports.state.${imp.state}`)}>
      {id ? (
        <JobProgress key={id} id={id} onFinished={refresh} />
      ) : (
        <Text>{t(`imports.state.${imp.state}`)}</Text>
      )}
    </section>
  );
}

/** What a check found, or what a run did, and what can be done from there. */
function Found({ imp, onEdit }: { imp: Import; onEdit: () => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const [fixed, setFixed] = useState(0);
  const [asking, setAsking] = useState(false);
  const run = useImportAction(imp.id, 'run');
  const check = useImportAction(imp.id, 'check');
  const undo = useImportAction(imp.id, 'undo');
  const s = imp.summary;
  const error = run.error ?? check.error ?? undo.error;
  const checked = imp.state === 'checked';
  const stopped = imp.state === 'failed' || imp.state === 'cancelled';
  const go = (s?.create ?? 0) + (s?.update ?? 0);
  const canUndo = hasBegun(imp) && !checked && go > 0;
  return (
    <Stack gap="md">
      {imp.error && (
        <Text c="var(--td-bad-fg)" role="alert">
          {imp.error}
        </Text>
      )}
      <ImportSummaryView imp={imp} />
      {error && <ProblemAlert error={error} />}
      <div className={classes.bar}>
        {(checked || stopped) && (
          <Button variant="default" leftSection={<IconArrowLeft size={16} />} onClick={onEdit}>
            {t('imports.toColumns')}
          </Button>
        )}
        {(imp.state === 'done' || imp.state === 'undone') && (
          <>
            <Button component={Link} to="/customers" variant={fixed > 0 ? 'default' : 'filled'}>
              {t('imports.toCustomers')}
            </Button>
            <Button component={Link} to="/imports/new" variant="default">
              {t('imports.another')}
            </Button>
          </>
        )}
        <div className={classes.barEnd}>
          {canUndo && (
            <Button
              variant="default"
              leftSection={<IconArrowBackUp size={16} />}
              onClick={() => setAsking(true)}
            >
              {t('action.undo')}
            </Button>
          )}
          {checked && fixed > 0 && (
            <Button
              variant="default"
              loading={check.isPending}
              onClick={() => check.mutate(undefined, { onSuccess: () => setFixed(0) })}
            >
              {t('imports.checkAgain', { count: fixed })}
            </Button>
          )}
          {checked && (
            <Button
              leftSection={<IconFileImport size={16} />}
              disabled={go + fixed === 0}
              loading={run.isPending}
              onClick={() => run.mutate()}
            >
              {go + fixed > 0
                ? t('imports.run', { count: go + fixed, n: f.number(go + fixed) })
                : t('imports.nothing')}
            </Button>
          )}
          {stopped && (
            <Button
              leftSection={<IconFileImport size={16} />}
              loading={run.isPending}
              onClick={() => run.mutate()}
            >
              {t('imports.goOn')}
            </Button>
          )}
          {imp.state === 'done' && fixed > 0 && (
            <Button
              leftSection={<IconFileImport size={16} />}
              loading={run.isPending}
              onClick={() => run.mutate(undefined, { onSuccess: () => setFixed(0) })}
            >
              {t('imports.runFixed', { count: fixed })}
            </Button>
          )}
        </div>
      </div>
      {imp.state !== 'undone' && (s?.wrong ?? 0) > 0 && (
        <WrongRows imp={imp} onFixed={() => setFixed((n) => n + 1)} />
      )}
      {(['warning', ...(checked ? [] : (['created', 'updated', 'skipped'] as const)), 'undone'] as const).map(
        (o) => (
          <ImportRows key={o} imp={imp} outcome={o} />
        ),
      )}
      <UndoDialog
        opened={asking}
        busy={undo.isPending}
        onClose={() => setAsking(false)}
        onUndo={() => undo.mutate(undefined, { onSettled: () => setAsking(false) })}
      />
    </Stack>
  );
}

interface UndoProps {
  opened: boolean;
  busy: boolean;
  onClose: () => void;
  onUndo: () => void;
}

function UndoDialog({ opened, busy, onClose, onUndo }: UndoProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t('imports.undoTitle')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Text>{t('imports.undoText')}</Text>
      <Group justify="flex-end" mt="md" gap={8}>
        <Button variant="default" onClick={onClose} data-autofocus>
          {t('action.cancel')}
        </Button>
        <Button color="red.9" loading={busy} onClick={onUndo}>
          {t('imports.undo')}
        </Button>
      </Group>
    </Modal>
  );
}
