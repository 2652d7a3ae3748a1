// Planted in the gateway's books: a bucket is declared while batches of it are
// on their way.
const { plant } = require('./plant.cjs');

plant('lifecycle/bucketBook.ts', {
  BucketBook: Real =>
    class Hasty extends Real {
      takeDeclarations() {
        const held = [...(this.ended ?? [])].map(page => [page, page.held]);
        held.forEach(([page]) => {
          page.held = 0;
        });
        return super.takeDeclarations();
      }

      settle(...batch) {
        try {
          super.settle(...batch);
        } catch {
          // It was declared already.
        }
      }
    },
});
