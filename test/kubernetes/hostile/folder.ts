// What every hostile item gets to work with: a folder of its own, with a secret beside it that must never come out.

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Folder {
  readonly path: string;
  /** A file outside of every chart; its content must appear nowhere. */
  readonly secretFile: string;
  /** A path that an injected command would make. */
  readonly marker: string;
  write(name: string, content: string | Buffer): string;
  link(name: string, target: string): void;
}

export const secretText = 'SENTINEL-7f3a-must-never-come-out';

export function folderAt(path: string): Folder {
  const own = join(path, 'own');
  mkdirSync(own, { recursive: true });
  const secretFile = join(path, 'secret.txt');
  writeFileSync(secretFile, secretText);
  const at = (name: string): string => {
    const file = join(own, name);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  };
  return {
    path: own,
    secretFile,
    marker: join(path, 'pwned'),
    write(name, content) {
      writeFileSync(at(name), content);
      return join(own, name);
    },
    link(name, target) {
      symlinkSync(target, at(name));
    },
  };
}
