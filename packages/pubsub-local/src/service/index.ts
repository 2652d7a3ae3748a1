export { createServer, listen, shutDown } from './server';
