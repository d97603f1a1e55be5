import { mergeCatalogues, type Catalogue } from './merge';

// Each part of the console may keep its own i18n/es.json beside its code; they
// are merged into one catalogue here.
const parts = import.meta.glob<Catalogue>('../**/i18n/es.json', { eager: true, import: 'default' });
export default mergeCatalogues(Object.values(parts));
