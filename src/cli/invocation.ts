// How the present command was given, so that the commands that it prints can be copied. Knows no command.

import type { Invocation } from '../report/commands.ts';
import type { Host } from './io.ts';
import type { CommonOptions } from './options.ts';

export function invocationOf({ file, context }: CommonOptions, { program }: Host): Invocation {
  return { files: file, context, program };
}
