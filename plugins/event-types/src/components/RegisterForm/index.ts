export { EditPage } from './EditPage';
export { RegisterPage } from './RegisterPage';
