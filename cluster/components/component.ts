// What one process of the cluster is: data that `boot.ts` writes and starts. It does nothing by itself.
import type { Argv } from '../command.ts';

export interface Component {
  readonly name: string;
  readonly argv: Argv;
  /** Configuration files by path, written before the process starts. */
  readonly files: Readonly<Record<string, string>>;
}
