// Planted in a worker: a file of the lake is named before it is flushed.
const { forgetFlush } = require('./plant.cjs');

forgetFlush(file => file.includes('/lake/.incoming/'));
