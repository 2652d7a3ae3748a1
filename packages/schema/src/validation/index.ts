export { compileValidator } from './compileValidator';
export type { EventValidator } from './compileValidator';
export type { ValidationProblem } from './problems';
