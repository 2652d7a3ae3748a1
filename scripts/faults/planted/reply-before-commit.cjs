// Planted in a broker: a write counts as done when it has been handed to the
// database, which commits it a moment later.
const lmdb = require('lmdb');

const DELAY_MS = 30;
const { open } = lmdb;
lmdb.open = (...options) => {
  const root = open(...options);
  const { openDB } = root;
  root.openDB = function openHasty(...names) {
    const database = openDB.apply(this, names);
    const { put } = database;
    database.put = function putLater(...entry) {
      setTimeout(() => put.apply(this, entry), DELAY_MS);
      return Promise.resolve(true);
    };
    return database;
  };
  return root;
};
