import { useMemo } from 'react';
import { Button } from '@mantine/core';
import { IconFileImport, IconUpload } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { GridMessage, ListPage } from '@/grid';
import { ImportBadge } from './ImportBadge';
import { importsSource } from './source';
import type { Import } from './types';

/** Every import so far: the ones under way are found again here. */
export default function ImportsPage() {
  const { t } = useTranslation();
  const source = useMemo(() => importsSource(t), [t]);
  return (
    <ListPage<Import>
      target="imports"
      source={source}
      searchable={false}
      title={t('nav.imports')}
      pinned={['file_name']}
      selectable={false}
      views={false}
      mayExport={false}
      rowHref={(i) => `/imports/${i.id}`}
      rowLabel={(i) => i.file_name}
      renderers={{
        state: (i) => <ImportBadge state={i.state} />,
        mode: (i) => t(`imports.mode.${i.mode}`, { defaultValue: i.mode }),
      }}
      actions={() => (
        <Button component={Link} to="/imports/new" leftSection={<IconUpload size={16} />}>
          {t('imports.new')}
        </Button>
      )}
      empty={
        <GridMessage
          icon={IconFileImport}
          title={t('imports.emptyTitle')}
          text={t('imports.emptyText')}
          action={
            <Button component={Link} to="/imports/new" leftSection={<IconUpload size={16} />}>
              {t('imports.new')}
            </Button>
          }
        />
      }
    />
  );
}
