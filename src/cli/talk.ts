// Chooses how a run is shown: a tree on a terminal, JSON in a pod, plain lines elsewhere, or as asked.

import { linesTalk } from '../report/lines.ts';
import { printableTalk } from '../report/printable.ts';
import type { JsonTalk } from '../report/json.ts';
import type { Output, Talk } from '../report/talk.ts';
import { treeTalk } from '../report/tree.ts';
import type { Host } from './io.ts';
import type { LogKind } from './options.ts';

export type ChosenTalk = { readonly kind: 'text'; readonly talk: Talk } | { readonly kind: 'json'; readonly talk: JsonTalk };

export async function chooseTalk(host: Host, wanted: LogKind): Promise<ChosenTalk> {
  const { io, clock } = host;
  const kind = wanted === 'auto' ? automatic(host) : wanted;
  const output = outputOf(host);
  if (kind === 'json') {
    // Imported here, because pino costs what the other reporters need not pay.
    const { jsonTalk } = await import('../report/json.ts');
    return { kind, talk: jsonTalk(output, () => io.now()) };
  }
  const talk = kind === 'tree' ? treeTalk(output, clock) : linesTalk(output, () => io.now());
  return { kind: 'text', talk: printableTalk(talk) };
}

export function outputOf({ io }: Host): Output {
  // What is no terminal may be searched line by line: nothing is wrapped there.
  return {
    write: (text) => io.stderr(text),
    get columns() {
      return io.isTerminal ? io.columns : Number.POSITIVE_INFINITY;
    },
    get rows() {
      return io.isTerminal ? io.rows : Number.POSITIVE_INFINITY;
    },
    color: io.color,
  };
}

function automatic({ io, inCluster }: Host): 'tree' | 'lines' | 'json' {
  if (io.isTerminal) return 'tree';
  return inCluster ? 'json' : 'lines';
}
