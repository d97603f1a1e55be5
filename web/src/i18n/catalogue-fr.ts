import { mergeCatalogues, type Catalogue } from './merge';

// Each part of the console may keep its own i18n/fr.json beside its code; they
// are merged into one catalogue here.
const parts = import.meta.glob<Catalogue>('../**/i18n/fr.json', { eager: true, import: 'default' });
export default mergeCatalogues(Object.values(parts));
