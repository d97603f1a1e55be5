import { useEffect, useRef, useState, type DragEvent } from 'react';
import { Anchor, Button, Progress, Stack, Text } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { apiUrl } from '@/api/client';
import { useFormats } from '@/i18n/format';
import { PageHeader } from '@/ui/PageHeader';
import { ProblemAlert } from '@/ui/ProblemAlert';
import classes from './imports.module.css';
import { uploadImport } from './upload';

/** Step 1: a file is dropped or picked; what it is gets found out by the server. */
export default function NewImportPage() {
  const { t } = useTranslation();
  const f = useFormats();
  const navigate = useNavigate();
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [file, setFile] = useState<File>();
  const [part, setPart] = useState(0);
  const [error, setError] = useState<unknown>(null);
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);

  const take = async (picked: File | undefined) => {
    if (!picked) return;
    setFile(picked);
    setPart(0);
    setError(null);
    const ctl = new AbortController();
    abort.current = ctl;
    try {
      const made = await uploadImport(picked, 'customers', setPart, ctl.signal);
      client.setQueryData(['imports', 'one', made.id], made);
      await navigate({ to: `/imports/${made.id}`, replace: true });
    } catch (e) {
      setFile(undefined);
      if (!ctl.signal.aborted) setError(e);
    }
  };
  const drop = (e: DragEvent) => {
    e.preventDefault();
    setOver(false);
    void take(e.dataTransfer.files[0]);
  };

  return (
    <div className={classes.page}>
      <PageHeader
        title={t('imports.new')}
        text={t('imports.newText')}
        back={{ to: '/imports', label: t('nav.imports') }}
      />
      <Stack gap="md">
        {error !== null && <ProblemAlert error={error} />}
        <div
          className={classes.drop}
          data-over={over || undefined}
          onDragOver={(e) => {
            e.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <IconFileUpload size={30} stroke={1.4} aria-hidden />
          {file ? (
            <div className={classes.uploading}>
              <Text fw={600}>{file.name}</Text>
              <Progress value={part * 100} aria-label={t('imports.uploading')} />
              <Text c="dimmed" className="num" aria-live="polite">
                {part < 1
                  ? t('imports.uploaded', { part: f.percent(part), size: f.bytes(file.size) })
                  : t('imports.reading')}
              </Text>
              <Button variant="default" size="xs" onClick={() => abort.current?.abort()}>
                {t('action.cancel')}
              </Button>
            </div>
          ) : (
            <>
              <Text fw={600}>{t('imports.drop')}</Text>
              <Button onClick={() => input.current?.click()}>{t('imports.pick')}</Button>
              <Text c="dimmed" size="xs" ta="center">
                {t('imports.formats')}
              </Text>
            </>
          )}
          <input
            ref={input}
            type="file"
            hidden
            accept=".csv,.tsv,.txt,.xlsx,text/csv,text/tab-separated-values,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            onChange={(e) => {
              void take(e.target.files?.[0]);
              e.target.value = '';
            }}
            data-testid="file"
          />
        </div>
        <Text c="dimmed">
          {t('imports.known')}{' '}
          <Anchor href={apiUrl('/imports/sample')} download underline="always">
            {t('imports.sample')}
          </Anchor>
        </Text>
      </Stack>
    </div>
  );
}
