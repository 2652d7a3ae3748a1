// Planted in a worker: refused events are acknowledged and not recorded.
const { plant } = require('./plant.cjs');

plant('consumer/recordRefusedEvents.ts', {
  recordRefusedEvents: () => async () => ({ recorded: 0, duplicates: 0 }),
});
