// Planted in a worker: the name of a staged file may not survive a power cut.
const { forgetFlush } = require('./plant.cjs');

forgetFlush(file => /\/staging(\/[^/.][^/]*)?$/.test(file));
