// Planted in a sender: what an earlier life left in the queue is not there.
const fs = require('node:fs');

fs.rmSync(process.env.MILLRACE_QUEUE_DIR, { recursive: true, force: true });
