// Charts that keep Helm busy for nearly as long as it may be, and then print nearly as much as is read of it, in whatever shape is
// dearest to read. Data: each stays below every single bound, so that only all together could be too much.

import { manyTexts, type HostileChart } from './charts.ts';
import { manyKeys } from './environments.ts';

const chartYaml = 'apiVersion: v2\nname: portal\nversion: 0.1.0\n';
const object = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n';

/**
 * Helm's own clock says when it is enough, so that this is as long on any machine. One list for all, so that no garbage is made: collecting it
 * would take the other processors' time as well, and so less of the clock.
 */
const busyFor = (ms: number): string =>
  `{{- $end := add now.UnixMilli ${ms} }}{{ $all := until 20000 }}{{ range $all }}{{ if gt now.UnixMilli $end }}{{ break }}{{ end }}{{ range $all }}{{ end }}{{ end -}}\n`;

const times = (count: number, text: string): string => `{{ range $i := until ${count} }}${text}{{ end }}`;
/** Four documents, each with as much as one may have, so that all together have as much as all may. */
const fourTimes = (text: string): string => times(4, `---\n${object}${text}\n`);

const shapes: Readonly<Record<string, string>> = {
  'five thousand small objects': times(4_990, `---\n${object}`),
  'ten thousand empty documents': times(9_980, '---\n# nothing\n'),
  'lists of texts': fourTimes(`data: [${times(66_000, 'x,')}]`),
  'lists of quoted texts': fourTimes(`data: [${times(99_000, '"",')}]`),
  'lists of small mappings': fourTimes(`data: [${times(32_500, 'a:,')}]`),
  'mappings of many keys': fourTimes(`data: { ${times(28_000, 'a{{ $i }}: b,')} }`),
  'mappings in blocks': fourTimes(`data:${times(24_500, '\n a{{ $i }}: b')}`),
  'brackets a hundred deep': fourTimes(`data: [${times(980, `${'['.repeat(100)}${']'.repeat(100)},`)}]`),
  'mappings that are nested': fourTimes(`data: [${times(320, `${'{a: '.repeat(100)}b${'}'.repeat(100)},`)}]`),
  'anchors and aliases': fourTimes(`data: [${times(16_000, '&a{{ $i }} x,*a{{ $i }},')}]`),
  'one text in six megabytes': `${object}data: { a: "${times(5_900_000 / 40, '\\x41\\x42\\x43\\x44\\x45\\x46\\x47\\x48\\x49\\x50')}" }\n`,
  'texts of six megabytes in quoted lines': fourTimes(`data: { a: "${times(490_000, 'a\n ')}" }`),
  'texts of six megabytes in blocks': fourTimes(`data:\n  a: |${times(240_000, '\n    c')}`),
  'texts of six megabytes that are folded': fourTimes(`data:\n  a: >${times(240_000, '\n    c')}`),
  'comments': fourTimes(`data:\n${times(99_000, '#\n')} a: b`),
  'empty lines': fourTimes(`data:\n${times(198_000, '\n')} a: b`),
  'tags': fourTimes(`data: [${times(39_500, '!!str x,')}]`),
  'numbers': fourTimes(`data: [${times(66_000, '1.5e3,')}]`),
  'sets': fourTimes(`data: !!set { ${times(39_500, 'a{{ $i }},')} }`),
  'ordered mappings': fourTimes(`data: !!omap [${times(28_000, 'a{{ $i }}: b,')}]`),
  'a list of objects': `apiVersion: v1\nkind: List\nitems:\n${times(4_900, '- { apiVersion: v1, kind: ConfigMap, metadata: { name: a } }\n')}`,
};

interface Circumstances {
  readonly busyMs: number;
  /** Of files that are never used, for which Helm is given more time. */
  readonly otherBytes?: number;
  /** An environment file and values, each with as much as there may be. */
  readonly isBesideMuch?: true;
}

function combination(shape: keyof typeof shapes, { busyMs, otherBytes = 0, isBesideMuch }: Circumstances): HostileChart {
  const circumstances = [busyMs > 0 && `after ${busyMs / 1_000} s of work`, otherBytes > 0 && 'in a large chart', isBesideMuch === true && 'beside much else'];
  return {
    title: [shape, ...circumstances.filter((words) => words !== false)].join(', '),
    // Just below or just above: which of the two depends on the machine.
    refusal: /processor time|is refused/,
    isEitherWay: true,
    make(folder) {
      folder.write('chart/Chart.yaml', chartYaml);
      folder.write('chart/templates/a.yaml', busyFor(busyMs) + shapes[shape]);
      // Helm takes no file of more than 5 MiB.
      for (const file of ['a', 'b']) folder.write(`chart/files/${file}`, 'x'.repeat(otherBytes / 2));
      const source = { path: `${folder.path}/chart` };
      return isBesideMuch === true ? { source, values: [{ file: manyTexts(folder) }], environment: folder.write('prod.yaml', manyKeys) } : { source };
    },
  };
}

/** Every shape, under the same circumstances. */
export function combinationsAfter(circumstances: Circumstances): readonly HostileChart[] {
  return Object.keys(shapes).map((shape) => combination(shape, circumstances));
}

/** Those that took longest, or most room, each with about as much work as still lets Helm come to an end by itself. */
export const dearest: readonly HostileChart[] = [
  combination('five thousand small objects', { busyMs: 1_600 }),
  combination('brackets a hundred deep', { busyMs: 1_200 }),
  combination('ordered mappings', { busyMs: 1_200 }),
  combination('lists of small mappings', { busyMs: 1_400 }),
  combination('texts of six megabytes in quoted lines', { busyMs: 1_000 }),
  combination('lists of quoted texts', { busyMs: 1_600, otherBytes: 8 * 1024 * 1024 }),
  // The dearest for the processor and for memory, beside as much of an environment and of values as there may be.
  combination('ordered mappings', { busyMs: 1_200, isBesideMuch: true }),
  combination('texts of six megabytes in quoted lines', { busyMs: 1_000, isBesideMuch: true }),
];
