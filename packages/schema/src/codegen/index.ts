export { generateTypeScript } from './generateTypeScript';
export type { CodegenEventType } from './generateTypeScript';
export { staleTypes } from './header';
