export { CatalogIntake } from './CatalogIntake';
export type { IntakeSettings } from './CatalogIntake';
export { exportDeclaration } from './exportDeclaration';
