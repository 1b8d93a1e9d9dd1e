// Loads the sources with a bug in them, for modules whose address bears its name: `…/rebuild.ts?plant=name`. Nothing on disk changes.

import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Plant } from './plant.ts';

const root = resolve(import.meta.dirname, '../..');
const own = pathToFileURL(`${root}/`).href;

/** The modules that such a module imports bear the name as well: each plant has sources of its own. */
export function plantable(plants: readonly Plant[]): void {
  registerHooks({
    resolve: (specifier, context, next) => {
      const resolved = next(specifier, context);
      const plant = context.parentURL === undefined ? undefined : plantOf(context.parentURL);
      const isSource = resolved.url.startsWith(own) && resolved.url.endsWith('.ts') && !resolved.url.includes('/node_modules/');
      return plant !== undefined && isSource ? { ...resolved, url: `${resolved.url}?plant=${plant}` } : resolved;
    },
    load: (url, context, next) => {
      const loaded = next(url, context);
      const plant = plants.find(({ name }) => encodeURIComponent(name) === plantOf(url));
      const path = plant === undefined ? '' : fileURLToPath(url.replace(/\?.*$/, '')).slice(root.length + 1);
      const edits = plant?.edits.filter(({ file }) => `src/${file}` === path) ?? [];
      return edits.length === 0 ? loaded : { ...loaded, source: edits.reduce(edited, textOf(loaded.source)) };
    },
  });
}

function plantOf(url: string): string | undefined {
  return /\?plant=(.*)$/.exec(url)?.[1];
}

function textOf(source: string | ArrayBuffer | NodeJS.TypedArray | null | undefined): string {
  return typeof source === 'string' ? source : new TextDecoder().decode(source ?? undefined);
}

/** Throws when the place is not there, or more than once. */
export function edited(source: string, { file, find, replace }: Plant['edits'][number]): string {
  const times = source.split(find).length - 1;
  if (times !== 1) throw new Error(`${file} has ${times} places like: ${find}`);
  return source.replace(find, () => replace);
}
