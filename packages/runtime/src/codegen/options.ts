import { UsageError } from '../errors';

/** What `millrace codegen` was asked to do. */
export interface CodegenOptions {
  source:
    | { kind: 'portal'; url: URL; token?: string }
    | { kind: 'folder'; folder: string };
  out: string;
  /** Names and patterns with `*`. */
  types?: string[];
  isCheck: boolean;
}

/** The flags as they are typed. */
export interface CodegenFlags {
  from?: string;
  token?: string;
  schemas?: string;
  types?: string;
  check?: boolean;
  out: string;
}

/**
 * Reads the flags of `millrace codegen`.
 *
 * @throws UsageError `invalid_option`
 */
export function parseCodegenOptions(
  flags: CodegenFlags,
  env: NodeJS.ProcessEnv,
): CodegenOptions {
  const { from, schemas, out } = flags;
  if ((from === undefined) === (schemas === undefined)) {
    throw new UsageError(
      'invalid_option',
      'Event types come from a portal or from a folder.',
      'Give either --from <url of the portal> or --schemas <folder>.',
    );
  }
  return {
    source:
      from === undefined
        ? { kind: 'folder', folder: schemas ?? '' }
        : {
            kind: 'portal',
            url: parseUrl(from),
            token: flags.token ?? env.MILLRACE_TOKEN,
          },
    out,
    types: flags.types
      ?.split(',')
      .map(name => name.trim())
      .filter(name => name !== ''),
    isCheck: flags.check ?? false,
  };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new UsageError(
      'invalid_option',
      `--from is '${text}'.`,
      'Give the address of the portal, such as http://127.0.0.1:7007.',
    );
  }
  return url;
}
