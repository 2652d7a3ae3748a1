export { ImportDeclaration } from './ImportDeclaration';
export { ImportPage } from './ImportPage';
