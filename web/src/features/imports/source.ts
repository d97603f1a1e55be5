import type { TFunction } from 'i18next';
import { api } from '@/api/client';
import type { FieldDef, ListAnswer, ListSource } from '@/grid';
import type { Import } from './types';

/** Imports come newest first and are not searched: the list has its columns here. */
export function importsSource(t: TFunction): ListSource<Import> {
  const column = (name: string, type: FieldDef['type'], width: number): FieldDef => ({
    name,
    label: t(`imports.list.${name}`),
    type,
    width,
    sortable: false,
    filterable: false,
    default_visible: true,
    // Named above, not by the words that customers' fields have.
    custom: true,
  });
  const fields = [
    column('file_name', 'text', 300),
    column('state', 'choice', 140),
    column('mode', 'text', 150),
    column('rows', 'number', 100),
    column('summary.create', 'number', 110),
    column('summary.update', 'number', 110),
    column('summary.wrong', 'number', 100),
    column('created_at', 'date', 190),
  ];
  return {
    fields: () => Promise.resolve(fields),
    fetchPage: (_query, req) =>
      api.get<ListAnswer<Import>>('/imports', {
        signal: req.signal,
        query: {
          limit: req.limit,
          ...(req.cursor ? { cursor: req.cursor } : req.offset ? { offset: req.offset } : {}),
        },
      }),
    exportFormats: [],
    exportFile: () => Promise.resolve(),
  };
}
