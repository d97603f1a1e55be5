import { useState } from 'react';
import { Button, Group, Modal, Skeleton, Stack, Text } from '@mantine/core';
import { IconArrowBackUp, IconArrowLeft, IconDownload, IconFileImport } from '@tabler/icons-react';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { download } from '@/api/client';
import { JobProgress } from '@/grid';
import { useFormats } from '@/i18n/format';
import { PageHeader } from '@/ui/PageHeader';
import { ProblemAlert } from '@/ui/ProblemAlert';
import { ImportBadge } from './ImportBadge';
import { ImportRows } from './ImportRows';
import { ImportSetup } from './ImportSetup';
import { ImportSummaryView } from './ImportSummary';
import classes from './imports.module.css';
import { isBusy, isEditable, type Import } from './types';
import { useImport, useImportAction, useRefreshImport } from './useImport';
import { WrongRows } from './WrongRows';

/** One import at its own address: set up, check, run, result. It can be left and found again at any point. */
export default function ImportPage() {
  const { t } = useTranslation();
  const f = useFormats();
  const { importId } = useParams({ strict: false }) as { importId: string };
  const { data: imp, error } = useImport(importId);
  // Back to the columns after a check, without losing the check.
  const [editing, setEditing] = useState(false);
  if (error && !imp) return <ProblemAlert error={error} />;
  if (!imp) return <Skeleton height={240} aria-label={t('state.loading')} />;
  const setup = isEditable(imp.state) && (editing || !imp.summary || imp.state === 'draft');
  const step = setup ? 0 : imp.state === 'checked' || imp.state === 'checking' ? 1 : isEditable(imp.state) ? 1 : 2;
  return (
    <div className={classes.page}>
      <PageHeader
        title={imp.file_name}
        meta={<ImportBadge state={imp.state} />}
        text={`${f.bytes(imp.size)} · ${t('imports.rows', { count: imp.rows, n: f.number(imp.rows) })}`}
        back={{ to: '/imports', label: t('nav.imports') }}
      />
      <Steps at={step} />
      {setup ? (
        <ImportSetup imp={imp} onChecking={() => setEditing(false)} />
      ) : isBusy(imp.state) ? (
        <Busy imp={imp} />
      ) : isEditable(imp.state) ? (
        <Checked imp={imp} onEdit={() => setEditing(true)} />
      ) : (
        <Result imp={imp} />
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
  const id = imp.state === 'checking' ? (imp.check_job ?? imp.job) : imp.job;
  return (
    <section className={classes.card} aria-label={t(`imports.state.${imp.state}`)}>
      {id ? <JobProgress key={id} id={id} onFinished={refresh} /> : <Text>{t(`imports.state.${imp.state}`)}</Text>}
    </section>
  );
}

function Checked({ imp, onEdit }: { imp: Import; onEdit: () => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const [fixed, setFixed] = useState(0);
  const run = useImportAction(imp.id, 'run');
  const check = useImportAction(imp.id, 'check');
  const s = imp.summary;
  if (!s) return null;
  const go = s.create + s.update;
  return (
    <Stack gap="md">
      <ImportSummaryView imp={imp} />
      {(run.error ?? check.error) && <ProblemAlert error={run.error ?? check.error} />}
      <div className={classes.bar}>
        <Button variant="default" leftSection={<IconArrowLeft size={16} />} onClick={onEdit}>
          {t('imports.toColumns')}
        </Button>
        <div className={classes.barEnd}>
          {fixed > 0 && (
            <Button
              loading={check.isPending}
              onClick={() => {
                setFixed(0);
                check.mutate();
              }}
            >
              {t('imports.checkAgain', { count: fixed })}
            </Button>
          )}
          <Button variant={fixed > 0 ? 'default' : 'filled'} leftSection={<IconFileImport size={16} />} disabled={go === 0 && fixed === 0} loading={run.isPending} onClick={() => run.mutate()}>
            {t('imports.run', { count: go, n: f.number(go) })}
          </Button>
        </div>
      </div>
      {s.wrong > 0 && <WrongRows imp={imp} onFixed={() => setFixed((n) => n + 1)} />}
      {s.warnings > 0 && <ImportRows imp={imp} outcome="warning" />}
    </Stack>
  );
}

function Result({ imp }: { imp: Import }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const undo = useImportAction(imp.id, 'undo');
  const s = imp.summary;
  return (
    <Stack gap="md">
      <ImportSummaryView imp={imp} />
      {undo.error && <ProblemAlert error={undo.error} />}
      <div className={classes.bar}>
        <Button component={Link} to="/customers">
          {t('imports.toCustomers')}
        </Button>
        <Button component={Link} to="/imports/new" variant="default">
          {t('imports.another')}
        </Button>
        <div className={classes.barEnd}>
          {s && s.wrong > 0 && (
            <Button variant="default" leftSection={<IconDownload size={16} />} onClick={() => download(`/imports/${imp.id}/errors`)}>
              {t('imports.errors')}
            </Button>
          )}
          {imp.state === 'done' && (
            <Button variant="default" leftSection={<IconArrowBackUp size={16} />} onClick={() => setAsking(true)}>
              {t('action.undo')}
            </Button>
          )}
        </div>
      </div>
      {(['created', 'updated', 'skipped', 'wrong', 'warning'] as const).map((o) => (
        <ImportRows key={o} imp={imp} outcome={o} />
      ))}
      <Modal opened={asking} onClose={() => setAsking(false)} title={t('imports.undoTitle')} closeButtonProps={{ 'aria-label': t('action.close') }}>
        <Text>{t('imports.undoText')}</Text>
        <Group justify="flex-end" mt="md" gap={8}>
          <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
            {t('action.cancel')}
          </Button>
          <Button
            color="red.9"
            loading={undo.isPending}
            onClick={() => undo.mutate(undefined, { onSettled: () => setAsking(false) })}
          >
            {t('imports.undo')}
          </Button>
        </Group>
      </Modal>
    </Stack>
  );
}
