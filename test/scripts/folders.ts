// A folder of its own for a script under test, with programs that only look like the real ones.

import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { vi } from 'vitest';
import { root } from '../tidy/source.ts';

// Real processes on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

export interface ScriptFolder {
  readonly folder: string;
  /** Puts a shell script of this text on the PATH; what it notes in the file `calls` can be read afterwards. */
  program(name: string, text: string): Promise<void>;
  write(path: string, text: string): Promise<void>;
  /** Runs the copied script with nothing but those programs and the base system on the PATH. */
  run(): Promise<{ readonly exitCode: number | undefined; readonly stdout: string; readonly stderr: string }>;
  end(): Promise<void>;
}

/** `script` is a path of this checkout; it gets the same path in the new folder. */
export async function scriptFolder(script: string): Promise<ScriptFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'changeover-script-'));
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  await mkdir(dirname(join(folder, script)), { recursive: true });
  await copyFile(join(root, script), join(folder, script));
  await mkdir(join(folder, 'programs'));
  return {
    folder,
    write,
    program: async (name, text) => {
      await write(`programs/${name}`, `#!/bin/sh\n${text}\n`);
      await chmod(join(folder, 'programs', name), 0o755);
    },
    run: async () => {
      const { exitCode, stdout, stderr } = await execa(join(folder, script), [], { reject: false, extendEnv: false, env: { PATH: `${folder}/programs:/usr/bin:/bin` } });
      return { exitCode, stdout, stderr };
    },
    end: () => rm(folder, { recursive: true }),
  };
}
