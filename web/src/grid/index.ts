/**
 * Lists of any size: `ListPage` for a whole page, `DataGrid` for the bare table.
 *
 *   <ListPage<Group> target="groups" title={t('groups.title')} rowHref={(g) => `/groups/${g.id}`}
 *     renderers={{ members: (g) => <b>{g.members}</b> }} actions={(ctx) => <Button .../>} empty={<GridMessage .../>} />
 *
 * Asks `/api/v1/<target>` and `/<target>/fields`; `rich` also uses `/aggregate` and `/export`. Labels of fields can be
 * translated under `grid.fields.<name>`, of choices under `grid.choices.<field>.<value>`.
 */
export { ListPage, type ListContext, type ListPageProps } from './ListPage';
export {
  DataGrid,
  type CellContext,
  type CellExport,
  type CellRenderer,
  type CellRenderers,
  type DataGridProps,
} from './DataGrid';
export { CellLink } from './GridBody';
export { GridMessage } from './GridMessage';
export { FilterBuilder } from './FilterBuilder';
export { FilterChips } from './FilterChips';
export {
  restSource,
  saveBlob,
  saveResponse,
  listParams,
  type ExportFormat,
  type ExportRequest,
  type ListSource,
} from './source';
export { useFields } from './useColumns';
export { validateListSearch, type ListSearch } from './model/urlState';
export { PageStore } from './model/pages';
export { formatNumber, formatInt, formatDate, cellValue, formatCell } from './model/format';
export type {
  FieldDef,
  FilterGroup,
  FilterNode,
  FilterOp,
  GridRow,
  ListPage as ListAnswer,
  ListQuery,
  SortKey,
} from './model/types';
export { JobProgress } from './JobProgress';
export { useRefOptions } from './refs';
export type { Preset } from './ViewPicker';
