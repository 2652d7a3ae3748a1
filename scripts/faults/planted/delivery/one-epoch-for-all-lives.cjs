// Planted in a gateway: every life counts its batches from one under the same
// name.
const Module = require('node:module');
const { planted } = require('./plant.cjs');

const EPOCH = '019aa000-0000-7000-8000-000000000000';
const load = Module._load;
Module._load = function loadOne(request, ...rest) {
  const real = load.call(this, request, ...rest);
  if (request !== 'uuidv7') return real;
  planted('one epoch for all lives');
  return { ...real, uuidv7: () => EPOCH };
};
