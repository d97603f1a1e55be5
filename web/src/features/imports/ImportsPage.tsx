import { Button } from '@mantine/core';
import { IconFileImport, IconUpload } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { GridMessage, ListPage, type CellRenderers, type FieldDef } from '@/grid';
import { ImportBadge } from './ImportBadge';
import type { Import } from './types';

const renderers: CellRenderers<Import> = {
  state: (i) => <ImportBadge state={i.state} />,
};

const widths: Record<string, number> = { file_name: 260, state: 130, created: 105, updated: 120, wrong: 105 };
const refine = (field: FieldDef): FieldDef => ({ ...field, width: widths[field.name] ?? field.width });

const newestFirst = [{ field: 'created_at', desc: true }];

/** Every import so far: the ones under way are found again here. */
export default function ImportsPage() {
  const { t } = useTranslation();
  return (
    <ListPage<Import>
      target="imports"
      title={t('nav.imports')}
      pinned={['file_name']}
      selectable={false}
      rowHref={(i) => `/imports/${i.id}`}
      rowLabel={(i) => i.file_name}
      refine={refine}
      renderers={renderers}
      defaultSort={newestFirst}
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
