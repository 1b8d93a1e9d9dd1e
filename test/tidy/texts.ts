// A rule about all texts of the repository, not only sources: nothing in it depends on one person's machine.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from './rule.ts';
import { allPaths, root } from './source.ts';

// Put together from parts, so that this file does not find itself.
const folders = [['work', '[a-z]'], ['workspace', '[a-z]'], ['home', '(?!runner)[a-z]{2}'], ['Users', '[A-Za-z]{2}']] as const;
const machinePath = new RegExp([...folders.map(([folder, below]) => `(?<![\\w.$}])/${folder}/${below}`), `\\.\\./${'sha'}red/`].join('|'));

const skipped = /(^package-lock\.json|\.log|\.(png|ico|gz|tar|woff2?)|go\.sum)$/;

export function machinePaths(): readonly Finding[] {
  return allPaths()
    .filter((path) => !skipped.test(path))
    .flatMap((path) => machinePathsIn(path, readFileSync(join(root, path), 'utf8')));
}

export function machinePathsIn(path: string, text: string): readonly Finding[] {
  return text.split('\n').flatMap((line, index) => {
    const found = machinePath.exec(line);
    return found === null ? [] : [{ path, line: index + 1, problem: `a path of one machine: ${line.slice(found.index, found.index + 40)}` }];
  });
}
