export { runLint } from './runLint';
