// Planted in a worker: a file of the lake gets its name by a call that replaces.
const { planted } = require('./plant.cjs');
const files = require('node:fs/promises');

files.link = async (from, to) => {
  planted('rename for link');
  const copy = `${from}.copy`;
  await files.copyFile(from, copy);
  return files.rename(copy, to);
};
