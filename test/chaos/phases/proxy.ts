// Rebuilds through proxies that cut, delay, stall, refuse, and apply without answering: whatever comes of a run, it is a final state, and
// nothing is missing or left over after it.

import { setTimeout } from 'node:timers/promises';
import { seeded } from '../../../sim/random.ts';
import { apiProxy } from '../support/api-proxy.ts';
import { dnsProxy } from '../support/dns-proxy.ts';
import { problemsAfter } from '../support/environment.ts';
import { chanceFaults, type Faults } from '../support/faults.ts';
import { live, sideBySide, type Phase, type Place } from '../support/rounds.ts';
import type { ChaosRun } from '../support/run.ts';

/** An undisturbed one takes half a minute; time-outs of 10 s, and retries, come on top. */
const patienceMs = 300_000;
/** A rebuild that hears nothing of a release that is ready gives up after so long; none that is slow takes a third of it. */
const readinessTimeout = '2m';

export function proxy(phase: Phase): Promise<void> {
  return sideBySide(phase, { prefix: 'proxy', layer: { readiness: { timeout: readinessTimeout } }, prepare: live(), round: (place) => round(place, phase) });
}

/** Resolves to the number of injections. */
async function round(place: Place, phase: Phase): Promise<number> {
  const { environment } = place;
  const { tally, random } = phase;
  const before = { release: await environment.onlyRelease(), at: Date.now() };
  const faults = chanceFaults(seeded(random.between(1, 1_000_000_000)), tally);
  const runs = await throughProxies(place, faults);
  const last = runs.at(-1);
  const exitCode = last === undefined ? undefined : (await last.ended).exitCode;
  tally.count(`runs that ended with ${exitCode}`);
  const failure = last?.events.findLast(({ type }) => type === 'stepFailed')?.failure;
  if (failure !== undefined) tally.count(`of them because of ${failure.code}`);
  const problems: string[] = [];
  if (exitCode === undefined || isStuck(exitCode, failure?.code) || failure?.code === 'NotReady' || failure?.code === 'Unexpected') problems.push(`no good end: ${exitCode} ${failure?.facts.summary ?? ''}`);
  if (exitCode !== 0) runs.push(await environment.succeed('rebuild'));
  const ends = { environment: environment.name, before: before.release, after: await environment.onlyRelease() };
  const after = await problemsAfter(environment, { ...ends, runs, sinceMs: before.at }, place.clean);
  problems.push(...after.problems);
  if (problems.length > 0) tally.violation(`${environment.name}:\n    ${problems.join('\n    ')}\n${runs.map((run) => `  ${run.identity}\n${run.tail()}`).join('\n')}`);
  tally.say(`${environment.name}: ended with ${exitCode}, ${problems.length === 0 ? 'all well' : 'NOT well'}; ${tally.of('injections')} injections of ${phase.rounds}`);
  return faults.count();
}

/** Whom nobody answers any more when all that is left is to remove the release before calls a human; the next rebuild removes it, which is looked at. */
function isStuck(exitCode: number, code: string | undefined): boolean {
  return exitCode === 4 && code !== 'RetireFailed';
}

/** One rebuild; whenever it loses its lock (75) the next one goes on, as its Job would begin another pod. */
async function throughProxies({ environment }: Place, faults: Faults): Promise<ChaosRun[]> {
  const { stage, world } = environment;
  const { primary, secondary } = stage.connection.dns;
  const api = await apiProxy(stage.connection, { faults, directory: world.directory });
  const names = await Promise.all([primary, secondary].map((server) => dnsProxy(server, faults)));
  const servers = names.map(({ address }) => address);
  const layer = await environment.layerWith({
    dnsProvider: { rfc2136: { server: servers[0], key: { file: stage.connection.dns.tsigKeyFile } } },
    dnsServers: { 'example.test': servers, 'second.test': servers },
  });
  const runs: ChaosRun[] = [];
  try {
    for (let tries = 0; tries < 5; tries += 1) {
      const run = await environment.start('rebuild', { proxy: api, layer });
      runs.push(run);
      const ended = await Promise.race([run.ended, setTimeout(patienceMs, undefined, { ref: false })]);
      if (ended === undefined) run.signal('SIGKILL', 'tree');
      if (ended?.exitCode !== 75) return runs;
    }
    return runs;
  } finally {
    faults.stop();
    await Promise.all([api.close(), ...names.map((one) => one.close())]);
  }
}
