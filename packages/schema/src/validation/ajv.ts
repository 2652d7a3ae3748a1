import Ajv from 'ajv';
import addFormats from 'ajv-formats';

/** How one use of ajv differs from the others. */
export interface AjvOptions {
  allErrors: boolean;
  /**
   * Look for fields on the object itself only. Needed for a field such as
   * `constructor`, which every object inherits; it halves the speed.
   */
  ownProperties: boolean;
}

/** The one way in which this package uses ajv. */
export function createAjv(options: AjvOptions): Ajv {
  const ajv = new Ajv({
    ...options,
    strict: true,
    $data: false,
    inlineRefs: false,
    // Gives the translator the value, to tell Infinity from a wrong type.
    verbose: true,
    // The derived schema is ours; checking it against the meta-schema again
    // would only cost time.
    validateSchema: false,
    messages: false,
    // It would print the generated code, megabytes of it, when that fails.
    logger: false,
  });
  return addFormats(ajv, ['date-time', 'date', 'uuid']);
}
