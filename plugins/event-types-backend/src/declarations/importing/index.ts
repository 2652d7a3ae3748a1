export { DeclarationImporter } from './DeclarationImporter';
export { DeclarationReader } from './DeclarationReader';
export { createImportRouter } from './createImportRoutes';
