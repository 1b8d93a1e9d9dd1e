// The demo: sets everything up, rebuilds the example twice, the second time under traffic that follows DNS, and tells what the public
// noticed.

import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { readConnection, type Connection } from '../cluster/connection.ts';
import { dnsResolver } from '../src/drivers/dns/resolver.ts';
import { buildExampleImage } from './images/build.ts';
import { changeover, cluster, readHistory, type Target } from './demo/commands.ts';
import { sharedLayers, writeDemoLayer } from './demo/environment.ts';
import { namesNow, publicNames } from './demo/names.ts';
import { describeNames, describeRun, describeTraffic, type NameNow } from './demo/report.ts';
import { startTraffic, summarize, type Traffic } from './demo/traffic.ts';
import { faultsOf } from './demo/verdict.ts';
import { loadEnvironment } from '../src/config/load.ts';
import type { Environment } from '../src/config/environment.ts';

const usage = `Usage: npm run demo [-- --keep] [-- --context NAME -f FILE…]

  --keep            leave the cluster and the releases up to play with
  --context NAME    use this cluster of yours; the image and the zones are then yours to provide,
                    and every answer names its release in the header x-release
  -f FILE           with --context: your layer over config/demo-base.yaml and config/demo.yaml`;

const options = readOptions();

if (options === undefined) {
  process.exitCode = 2;
} else if (options.help) {
  console.log(usage);
} else {
  process.exitCode = await demo(options);
}

/** Undefined, once the mistake is told. */
function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        keep: { type: 'boolean', default: false },
        context: { type: 'string' },
        file: { type: 'string', short: 'f', multiple: true, default: [] },
        help: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return undefined;
  }
}

type Options = NonNullable<ReturnType<typeof readOptions>>;

async function demo(options: Options): Promise<number> {
  // A cluster that was up before is somebody's: it stays, whatever happens here.
  const ends = options.context === undefined && !options.keep && readConnection() === undefined;
  const target = options.context === undefined ? await embedded() : { context: options.context, kubeconfig: undefined, binDir: undefined, files: [...sharedLayers, ...options.file] };
  const environment = await loadEnvironment(target.files);
  try {
    return await rebuildTwice(target, environment);
  } finally {
    if (ends) await cluster('down');
    else console.log(options.context === undefined ? hint(target) : `\nLook around: npm run -s changeover -- status ${filesOf(target)} --context ${options.context}`);
  }
}

async function embedded(): Promise<Target> {
  // The image is built while the cluster boots: the two need different things of the machine.
  const [image] = await Promise.all([buildExampleImage(), cluster('up')]);
  const connection = readConnection();
  if (connection === undefined) throw new Error('the cluster is not up; see: npm run cluster -- status');
  await cluster('import', image.archive);
  return targetOf(connection);
}

async function targetOf(connection: Connection): Promise<Target> {
  const { context, kubeconfig, binDir, stateDir } = connection;
  return { context, kubeconfig, binDir, files: await writeDemoLayer(connection, join(stateDir, 'demo')) };
}

async function rebuildTwice(target: Target, environment: Environment): Promise<number> {
  heading('First release: the names do not exist yet, so nobody asks for them');
  const first = await changeover(target, 'rebuild');
  if (first !== 0) return first;
  const resolver = dnsResolver();
  const names = await publicNames(environment, resolver);
  heading('Second release, while clients that follow DNS keep asking');
  const before = await namesNow(names, resolver);
  // At this pace they have their fill after a quarter of an hour at the earliest, which the verdict counts as a failure.
  const traffic = startTraffic({ names, resolver, clientsPerName: 3, everyMs: 100, maxVisits: 60_000 });
  const second = await changeover(target, 'rebuild');
  await traffic.stop();
  return report({ target, traffic, names, before, exitCode: second });
}

interface Ended {
  readonly target: Target;
  readonly traffic: Traffic;
  readonly names: Awaited<ReturnType<typeof publicNames>>;
  readonly before: readonly NameNow[];
  readonly exitCode: number;
}

async function report({ target, traffic, names, before, exitCode }: Ended): Promise<number> {
  const history = await readHistory(target);
  heading('What each phase took');
  for (const record of history.slice(0, 2).toReversed()) print(describeRun(record));
  heading('What the public noticed during the second rebuild');
  print(describeTraffic(summarize(traffic.visits)));
  heading('What each name answers now');
  const after = await namesNow(names, dnsResolver());
  print(describeNames(after));
  const faults = [...(exitCode === 0 ? [] : [`the second rebuild ended with exit code ${exitCode}`]), ...faultsOf({ before, after, traffic })];
  console.log(faults.length === 0 ? '\nDone: nobody noticed.' : ['\nFailed:', ...faults].join('\n  '));
  return exitCode === 0 && faults.length > 0 ? 1 : exitCode;
}

function heading(text: string): void {
  console.log(`\n── ${text} ${'─'.repeat(Math.max(0, 76 - text.length))}`);
}

function print(lines: readonly string[]): void {
  for (const line of lines) console.log(line);
}

function filesOf({ files }: Target): string {
  return files.map((file) => `-f ${file}`).join(' ');
}

function hint(target: Target): string {
  return [
    '\nThe cluster stays up. Look around:',
    `  npm run -s cluster -- exec npm run -s changeover -- status ${filesOf(target)}`,
    '  npm run -s cluster -- exec kubectl get pods -A',
    'End it with: npm run cluster -- down',
  ].join('\n');
}
