// A run that is asked to stop while nobody answers it: it gives up what it only asks, and waits for what it has sent.

import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/errors.ts';
import type { RunEvent } from '../../src/run/events.ts';
import type { Drivers } from '../../src/drivers/drivers.ts';
import { untilStopped } from '../../src/session/questions.ts';
import { begin, prepare } from '../../sim/boundaries/stage.ts';
import { findSubject } from '../../sim/boundaries/subjects.ts';
import { production, type Production } from '../../sim/production.ts';

const interrupted = new Failure('Interrupted', { summary: 'it was asked to stop (SIGINT)', exitCode: 130 });

test('a question that hangs for ten seconds does not delay the end of the run', async () => {
  const { command, world } = await production();
  const stop = new AbortController();
  let askedAt = 0;
  const performed = await command({ operation: 'rebuild' }, {
    stop: stop.signal,
    connect: (drivers) => {
      const find = async (): Promise<never> => {
        askedAt = world.clock.now();
        stop.abort(interrupted);
        await world.clock.sleep(10_000);
        throw new Error('nobody hears this');
      };
      return { ...drivers, helm: Object.assign(Object.create(drivers.helm) as Drivers['helm'], { find }) };
    },
  });
  expect(performed).toMatchObject({ outcome: 'interrupted', exitCode: 130 });
  expect(askedAt).toBeGreaterThan(0);
  expect(world.clock.now() - askedAt).toBeLessThan(1_000);
});

test('what writes is waited for: to leave with an effect unknown would be worse than to be late', async () => {
  const { world } = await production();
  const stop = new AbortController();
  const slow = async (): Promise<never> => {
    await world.clock.sleep(10_000);
    throw new Error('refused in the end');
  };
  const { drivers } = world.start();
  const cluster = Object.assign(Object.create(drivers.cluster) as Drivers['cluster'], { delete: slow, get: slow });
  const stopped = untilStopped({ ...drivers, cluster }, stop.signal);
  stop.abort(interrupted);
  const nothing = {} as never;
  await expect(stopped.cluster.get(nothing)).rejects.toBe(interrupted);
  await expect(stopped.cluster.delete(nothing, '')).rejects.toThrow('refused in the end');
});

test('a stop that comes as the verification is written down keeps the candidate: it is loaded and verified', async () => {
  const { command, world, releases } = await production();
  await command();
  const stop = new AbortController();
  let isVerifying = false;
  world.onTraffic(({ request, moment }) => {
    if (moment === 'sent' && isVerifying && request.text.startsWith('cluster.replace configmaps')) stop.abort(interrupted);
  });
  const onEvent = (event: RunEvent): void => {
    if (event.type === 'stepStarted' && event.step === 'verifyRelease') isVerifying = true;
  };
  expect(await command({ operation: 'rebuild' }, { stop: stop.signal, onEvent })).toMatchObject({ outcome: 'interrupted', exitCode: 130 });
  expect(releases()).toHaveLength(2);
  expect(await command()).toMatchObject({ outcome: 'succeeded', record: { steps: expect.arrayContaining([expect.objectContaining({ name: 'verifyRelease', state: 'done' })]) } });
});

/** The exit code of a run that is asked to stop as its nth request is sent, for every n until it is over. */
async function ends(subject: string, { onStop, isOver }: { readonly onStop?: (world: Production['world']) => void; readonly isOver?: (text: string) => boolean }): Promise<readonly string[]> {
  const made = await prepare(findSubject(subject));
  const found: string[] = [];
  for (let nth = 0; found.length === nth; nth += 1) {
    const { production: { world, command }, environment } = await begin(made);
    const stop = new AbortController();
    let [seen, wasOver, at] = [0, false, ''];
    world.onTraffic(({ request, moment }) => {
      if (moment !== 'sent') return;
      wasOver ||= isOver?.(request.text) === true;
      seen += 1;
      if (seen !== nth + 1 || wasOver) return;
      at = request.text;
      stop.abort(new Failure('Interrupted', { summary: 'it was asked to stop (SIGTERM)', exitCode: 143 }));
      onStop?.(world);
    });
    const end = await command({ operation: 'rebuild' }, { environment, stop: stop.signal }).catch((error: unknown) => error as Failure);
    if (stop.signal.aborted) found.push(`${end?.exitCode ?? 0} of ${at}`);
  }
  return found;
}

const isPlanned = (text: string): boolean => text.startsWith('cluster.create configmaps');

/** 1 to 5 end the Job for good; by 143 and 75 its pod is lost, and replaced. */
describe('a pod that is stopped', () => {
  test.each(['rebuild', 'rebuild-installed'])('while its run is still being planned ends with 143, at whichever request: %s', async (subject) => {
    const found = await ends(subject, { isOver: isPlanned });
    expect(found.length).toBeGreaterThan(40);
    expect(found.filter((end) => !end.startsWith('143 '))).toEqual([]);
  });

  test('and whose network goes before it does, as on a node that is shut down, is replaced, at whichever request', async () => {
    const onStop = (world: Production['world']): void => {
      world.faults = () => 'errorBefore';
    };
    const found = await ends('rebuild-installed', { onStop });
    expect(found.length).toBeGreaterThan(200);
    // From its last word on it has succeeded, and tells that, whether or not its lock can be given back.
    const succeededAt = found.findIndex((end) => end.startsWith('0 '));
    expect(found.slice(0, succeededAt).filter((end) => !/^(143|75) /.test(end))).toEqual([]);
    expect(found.slice(succeededAt).filter((end) => !end.startsWith('0 '))).toEqual([]);
    expect(found.length - succeededAt).toBeLessThan(10);
  });
});
