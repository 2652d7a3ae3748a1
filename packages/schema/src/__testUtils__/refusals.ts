import { SchemaError } from '../errors';

/** The result, or `undefined` if it was refused; any other error is thrown. */
export function unlessRefused<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof SchemaError) {
      return undefined;
    }
    throw error;
  }
}
