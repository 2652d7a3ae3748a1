export { CatalogIntake } from './CatalogIntake';
