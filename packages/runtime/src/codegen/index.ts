export { runCodegen } from './runCodegen';
