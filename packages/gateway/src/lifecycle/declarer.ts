import { BucketBook, Declaration } from './bucketBook';
import { GatewayLedger } from './gatewayLedger';

/**
 * Brings the declarations of the bucket book to the ledger.
 *
 * They are kept in memory until the ledger has them, oldest first. One that
 * fails is tried again in a later round, behind those that were not tried yet,
 * so that one the ledger never takes holds back no other.
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
    const untried: Declaration[] = [];
    const failed: Declaration[] = [];
    const errors: unknown[] = [];
    for (const declaration of this.pending) {
      // Two in a row is taken for a ledger that is away.
      if (errors.length === 2) {
        untried.push(declaration);
        continue;
      }
      try {
        await this.ledger.declare(declaration);
      } catch (error) {
        errors.push(error);
        failed.push(declaration);
      }
    }
    this.pending = [...untried, ...failed];
    if (errors.length > 0) {
      throw errors[errors.length - 1];
    }
  }
}
