// Rules about who imports whom: the absences that hold the shape of the project.

import { fileRule, isIn, type Finding, type Rule } from './rule.ts';
import type { Import, Source } from './source.ts';

interface Direction {
  readonly title: string;
  readonly applies: (path: string) => boolean;
  /** Whether this import is against the direction. */
  readonly against: (one: Import, path: string) => boolean;
  readonly bad: Readonly<Record<string, string>>;
  readonly good: Readonly<Record<string, string>>;
}

function direction({ against, ...rest }: Direction): Rule {
  return fileRule({ ...rest, look: ({ imports, path }) => imports.filter((one) => against(one, path)).map(({ target }) => ({ problem: `imports ${target}` })) });
}

const inSource = isIn('src');

/** What everybody may know of the drivers: the interfaces, the errors, and the table of them all. */
function isInterface(target: string): boolean {
  const [, folder, file] = /^src\/drivers\/(?:([^/]+)\/)?([^/]+)\.ts$/.exec(target) ?? [];
  if (folder === undefined) return ['drivers', 'failure', 'fence', 'origins', 'registry', 'trace'].includes(file ?? '');
  return file === folder || (folder === 'cluster' && file === 'objects');
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

/** Every import of `run/` that is neither its own nor one of the few words it shares with the drivers. */
function isForeignToRun({ target }: Import): boolean {
  const isOwn = /^src\/(run\/.*|errors\.ts|drivers\/failure\.ts|drivers\/store\/store\.ts)$/.test(target);
  return target.startsWith('src/') && !isOwn;
}

export const directions: readonly Rule[] = [
  direction({
    title: 'nothing in src knows of the simulator, the tests, or what stands around src',
    applies: inSource,
    against: ({ target }) => /^(sim|test|bench|examples|image|cluster|scripts)\//.test(target) || target.startsWith('vitest'),
    bad: { 'src/cli/a.ts': "import { simulate } from '../../sim/world.ts';\n" },
    good: { 'src/cli/a.ts': "import { run } from '../run/engine.ts';\n", 'sim/a.ts': "import { simulate } from './world.ts';\n" },
  }),
  direction({
    title: 'only src/drivers/cluster/client.ts imports the Kubernetes client',
    applies: (path) => inSource(path) && path !== 'src/drivers/cluster/client.ts',
    against: ({ target }) => target.startsWith('@kubernetes/client-node'),
    bad: { 'src/drivers/cluster/watch.ts': "import type { Watch } from '@kubernetes/client-node';\n" },
    good: { 'src/drivers/cluster/client.ts': "import { KubeConfig } from '@kubernetes/client-node';\n" },
  }),
  direction({
    title: 'only the registry imports implementations of drivers; all others know the interfaces',
    applies: (path) => inSource(path) && path !== 'src/drivers/registry.ts',
    against: ({ target }, path) => {
      if (!target.startsWith('src/drivers/') || isInterface(target)) return false;
      const isShared = folderOf(target) === 'src/drivers' && path.startsWith('src/drivers/');
      return !isShared && folderOf(target) !== folderOf(path);
    },
    bad: { 'src/steps/a.ts': "import { restCluster } from '../drivers/cluster/rest-cluster.ts';\n", 'src/drivers/helm/b.ts': "import { exchange } from '../http/request.ts';\n" },
    good: { 'src/steps/a.ts': "import type { Cluster } from '../drivers/cluster/cluster.ts';\n", 'src/drivers/helm/b.ts': "import { run } from '../process.ts';\n" },
  }),
  direction({
    title: 'the run engine does not know what a release, a zone or a job is',
    applies: isIn('src/run'),
    against: isForeignToRun,
    bad: { 'src/run/a.ts': "import type { Plan } from '../plan/plan.ts';\n", 'src/run/b.ts': "import type { Cluster } from '../drivers/cluster/cluster.ts';\n" },
    good: { 'src/run/a.ts': "import { Failure } from '../errors.ts';\nimport type { RecordStore } from '../drivers/store/store.ts';\n" },
  }),
  direction({
    title: 'steps neither read the record nor talk to people',
    applies: isIn('src/steps'),
    against: ({ target }) => /^src\/(run\/(record|journal|engine|lease-keeper)\.ts|cli\/|report\/|session\/|operations\/|main\.ts)/.test(target),
    bad: { 'src/steps/a.ts': "import { createJournal } from '../run/journal.ts';\n" },
    good: { 'src/steps/a.ts': "import { waitFor } from '../run/wait.ts';\n" },
  }),
  direction({
    title: 'plan and readiness know nothing of steps, operations, commands or reports',
    applies: isIn('src/plan', 'src/readiness'),
    against: ({ target }) => /^src\/(steps|operations|cli|report|session|observe)\//.test(target),
    bad: { 'src/plan/a.ts': "import { swapNames } from '../steps/swapNames.ts';\n" },
    good: { 'src/plan/a.ts': "import type { Environment } from '../config/environment.ts';\n" },
  }),
  {
    title: 'no step imports a step: what several need stands in a file of its own',
    check: stepsImportingSteps,
    bad: { 'src/operations/o.ts': "import { a } from '../steps/a.ts';\nimport { b } from '../steps/b.ts';\n", 'src/steps/a.ts': "import { b } from './b.ts';\n" },
    good: { 'src/operations/o.ts': "import { a } from '../steps/a.ts';\n", 'src/steps/a.ts': "import { helper } from './helper.ts';\n", 'src/steps/helper.ts': '// Helps.\n' },
  },
];

/** A step is what an operation lists; everything else in that folder is a helper. */
function stepsImportingSteps(sources: readonly Source[]): readonly Finding[] {
  const listed = sources.filter(({ path }) => path.startsWith('src/operations/')).flatMap(({ imports }) => imports.map(({ target }) => target));
  const steps = new Set(listed.filter((target) => target.startsWith('src/steps/')));
  const inSteps = sources.filter(({ path }) => path.startsWith('src/steps/'));
  return inSteps.flatMap(({ path, imports }) => imports.filter(({ target, isTypeOnly }) => steps.has(target) && !isTypeOnly).map(({ target }) => ({ path, problem: `imports the step ${target}` })));
}
