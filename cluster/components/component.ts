// What one process of the cluster is: data that is written and started by others. It starts nothing itself.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Argv } from '../command.ts';

export interface Component {
  readonly name: string;
  readonly argv: Argv;
  /** Configuration files by path, written before the process starts. */
  readonly files: Readonly<Record<string, string>>;
}

export async function writeFiles(component: Component): Promise<void> {
  for (const [file, content] of Object.entries(component.files)) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}
