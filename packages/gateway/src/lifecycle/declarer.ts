import { BucketBook, Declaration } from './bucketBook';
import { GatewayLedger } from './gatewayLedger';

/**
 * Brings the declarations of the bucket book to the ledger.
 *
 * They are kept in memory until the ledger has them, oldest first. One that
 * fails is tried again in the next round; the others of the round are tried all
 * the same, unless the ledger seems to be away.
 */
export class Declarer {
  private pending: Declaration[] = [];

  constructor(
    private readonly book: BucketBook,
    private readonly ledger: GatewayLedger,
  ) {}

  /**
   * Declares what is final.
   *
   * @throws the last error when something could not be declared
   */
  async run(): Promise<void> {
    this.pending.push(...this.book.takeDeclarations());
    const rest: Declaration[] = [];
    const errors: unknown[] = [];
    for (const declaration of this.pending) {
      // Two in a row is taken for a ledger that is away.
      if (errors.length < 2) {
        try {
          await this.ledger.declare(declaration);
          continue;
        } catch (error) {
          errors.push(error);
        }
      }
      rest.push(declaration);
    }
    this.pending = rest;
    if (errors.length > 0) {
      throw errors[errors.length - 1];
    }
  }
}
