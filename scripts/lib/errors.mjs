/**
 * A failure a person can act on: what happened, why, and what to do.
 * `start` and `test` print it without a stack trace.
 */
export class SetupError extends Error {
  /**
   * @param {{ what: string, why?: string, todo: string, log?: string }} options
   */
  constructor({ what, why, todo, log }) {
    super(what);
    this.name = 'SetupError';
    this.why = why;
    this.todo = todo;
    this.log = log;
  }

  toString() {
    return [
      `\n✖ ${this.message}`,
      this.why && `  Why:  ${this.why}`,
      `  Do:   ${this.todo}`,
      this.log && `  Log:  ${this.log}`,
    ]
      .filter(Boolean)
      .join('\n');
  }
}

const CAUSES = [
  {
    pattern:
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network (request|timeout)|getaddrinfo|UNABLE_TO_GET_ISSUER|SELF_SIGNED_CERT|RequestError/i,
    why: 'The npm registry cannot be reached.',
    todo: 'Check the network and the proxy settings (HTTPS_PROXY, NODE_EXTRA_CA_CERTS), then run the same command again; finished steps are kept.',
  },
  {
    pattern: /ENOSPC|no space left|EDQUOT/i,
    why: 'The disk is full.',
    todo: 'Free some space (about 4 GB are needed for the first set-up), then run the same command again; finished steps are kept.',
  },
  {
    pattern: /EACCES|EPERM|permission denied/i,
    why: 'A file or folder may not be written.',
    todo: 'Make the project folder writable for this user (files left by another user, for example root, are a common cause), then run the same command again.',
  },
  {
    pattern: /heap out of memory|ENOMEM|Killed/i,
    why: 'The machine ran out of memory.',
    todo: 'Close other programs (about 4 GB of free memory are needed to build), then run the same command again.',
  },
];

/** Names the likely cause of a failed command from what it printed. */
export function explainFailure({ what, output, signal, log }) {
  // Nobody but the system ends a command this way: memory ran out.
  const ending = signal === 'SIGKILL' ? 'Killed' : '';
  const cause = CAUSES.find(({ pattern }) => pattern.test(output + ending));
  const unknown = signal ? `It was ended by ${signal}.` : lastLine(output);
  return new SetupError({
    what,
    why: cause?.why ?? unknown,
    todo:
      cause?.todo ??
      'Read the end of the log. If it makes no sense, remove node_modules and .millrace-tools and run the same command again.',
    log,
  });
}

function lastLine(output) {
  const lines = output.trim().split('\n').filter(Boolean);
  return lines.at(-1)?.slice(0, 300);
}
