/** How much a problem is in the way: an error fails the pipeline. */
export type Severity = 'error' | 'warning';

/**
 * One thing wrong with a file, where an editor finds it.
 *
 * The codes are those of `@millrace/schema`, and these of the linter:
 *
 * - `invalid_yaml`: the file is not YAML.
 * - `yaml_refused`: it is too large, too deep or has too many aliases to read.
 * - `duplicate_key`: a mapping has a key twice.
 * - `unsupported_api_version`: not the version of the kind this linter knows.
 * - `duplicate_event_type`: two documents declare one event type.
 * - `schema_too_complex`: the portal would not take a schema so large.
 * - `declaration_removed`: the earlier state declares what no file declares now.
 */
export interface LintProblem {
  file: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  severity: Severity;
  code: string;
  /** RFC 6901 pointer into the document, or into the event for compatibility. */
  pointer: string;
  message: string;
  eventType?: string;
  /** What to write instead, for a field that may be about a person. */
  suggestion?: { semanticType: string; confidence: string; reason: string };
}

/** What linting found, over all files. */
export interface LintResult {
  files: number;
  declarations: number;
  problems: LintProblem[];
}
