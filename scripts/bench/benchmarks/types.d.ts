import type { createScope } from '../bed/scope.mjs';

/** What every benchmark gets. */
export interface Context {
  /** The Node that the measured processes run on. */
  node: string;
  env: NodeJS.ProcessEnv;
  root: string;
  /** An empty folder on the disk to be measured. */
  dir: string;
  scope: ReturnType<typeof createScope>;
  /** Length of one run. */
  seconds: number;
  runs: number;
  /** Events per second that are offered; of end-to-end only. */
  rate?: number;
  /** Event types there are; of registry only. */
  types?: number;
  profile: boolean;
  machine: { cores: number; cpu: string };
  /** Resolves when the person has seen enough. */
  stopped: Promise<void>;
  /** Says what is happening, on standard error. */
  say(line: string): void;
}

/** What every benchmark gives. */
export interface Outcome {
  figures: Record<string, number>;
  /** The figures that must be reached. */
  bars: Record<string, { atLeast: number } | { atMost: number }>;
  /** How many runs of what, in a sentence, where that is not by time. */
  extent?: string;
  /** Markdown: what was found, without the machine and the command. */
  section: string;
}
