// A record that was cut short or edited by hand: an error with a way out, whatever is wrong with it, and nothing done by half of the facts.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Production } from '../../sim/production.ts';
import { kinds, type KubernetesObject } from '../../src/drivers/cluster/objects.ts';
import { Failure } from '../../src/errors.ts';
import { diedIn, stepsToDieIn } from './written.ts';

type Edit = (body: string) => string;

const place = { kind: kinds.configMap, namespace: 'changeover' };

function recordOf({ world }: Production): KubernetesObject {
  const found = world.cluster.inside.store.all(kinds.configMap, 'changeover').filter(({ metadata }) => metadata.labels?.['changeover.dev/record'] === 'run').at(-1);
  if (found === undefined) throw new Error('there is no record');
  return found;
}

function bodyOf(object: KubernetesObject): string {
  return (object['data'] as { readonly record: string }).record;
}

async function edit(made: Production, change: Edit): Promise<string> {
  const found = recordOf(made);
  const { name } = found.metadata;
  await made.world.cluster.patch({ ...place, name }, { data: { record: change(bodyOf(found)) } });
  return name;
}

function changed(change: (record: Record<string, unknown>) => object): Edit {
  return (body) => JSON.stringify(change(JSON.parse(body) as Record<string, unknown>));
}

function withSteps(change: (step: Record<string, unknown>) => object): Edit {
  return changed((record) => ({ ...record, steps: (record['steps'] as Record<string, unknown>[]).map(change) }));
}

const damages: readonly (readonly [string, Edit, RegExp])[] = [
  ['is empty', () => '', /it is empty/],
  ['was cut short', (body) => body.slice(0, 700), /no JSON: it may have been cut short after 700 characters/],
  ['is another text', () => 'see the wiki', /no JSON/],
  ['is a list', () => '[]', /expected object/],
  ['has no plan', changed((record) => ({ ...record, plan: undefined })), /plan/],
  ['has half a plan', changed((record) => ({ ...record, plan: { candidate: 'prod-r0001' } })), /its plan is not one \(operation\)/],
  ['has the plan of another environment', changed((record) => ({ ...record, plan: { ...(record['plan'] as object), environment: 'test' } })), /its plan is of the environment test/],
  ['names an operation that there is not', changed((record) => ({ ...record, operation: 'rebuidl' })), /no operation rebuidl/],
  ['names a step that there is not', withSteps((step) => (step['name'] === 'loadData' ? { ...step, name: 'loadAll' } : step)), /no step loadAll/],
  ['has a state that there is not', withSteps((step) => ({ ...step, state: 'finished' })), /steps\.0\.state/],
  ['lost what a step returned', withSteps((step) => ({ ...step, output: undefined })), /what the step installRelease returned/],
  ['has another thing where a step returned one', withSteps((step) => (step['output'] === undefined ? step : { ...step, output: 'yes' })), /what the step installRelease returned/],
  ['tells the time in words', changed((record) => ({ ...record, startedAt: 'yesterday' })), /startedAt/],
  ['is of another run', changed((record) => ({ ...record, id: '20260101-000000-other' })), /of run 20260101-000000-other/],
  ['comes from a later version', changed((record) => ({ ...record, version: 2 })), /by a later version of changeover \(format 2; this one knows 1\)/],
];

async function refusal(run: Promise<unknown>): Promise<Failure> {
  const error = await run.then(() => undefined, (reason: unknown) => reason);
  if (error instanceof Failure) return error;
  throw new Error(`it did not fail as it should: ${String(error)}`);
}

describe('a record of an unfinished run that', () => {
  test.each(damages)('%s: the next run names it and does nothing', async (_, damage, reason) => {
    const made = await diedIn('loadData');
    const name = await edit(made, damage);
    const before = made.world.requests.length;
    const failure = await refusal(made.command());
    expect(failure).toMatchObject({ code: 'RecordUnreadable', exitCode: 4, facts: { object: `ConfigMap changeover/${name}` } });
    expect(failure.message).toMatch(reason);
    expect(failure.next).toMatch(new RegExp(`: kubectl delete configmap ${name} -n changeover$`));
    const written = made.world.requests.slice(before).filter(({ writes, text }) => writes && !text.includes('Lease') && !text.includes('leases'));
    expect(written.map(({ text }) => text)).toEqual([]);
    expect(made.publicReleases()).toEqual(['prod-r0001', 'prod-r0001']);
  });
});

describe('the way out: the record is deleted', () => {
  test.each(stepsToDieIn)('of a run that died in %s: the next one clears away what it made, and what it was to retire stays for a rollback', async (step) => {
    const made = await diedIn(step);
    const { name, uid = '' } = recordOf(made).metadata;
    await made.world.cluster.delete({ ...place, name }, uid);
    expect(await made.command()).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
    const live = made.releases().at(-1);
    expect(made.publicReleases()).toEqual([live, live]);
    expect(made.releases().slice(0, -1)).toEqual(step === 'drainPrevious' || step === 'retirePrevious' ? ['prod-r0001'] : []);
    expect(made.observer.violations).toEqual([]);
  });
});

test('whatever is done to a record by hand, the next run ends in order or says what is wrong, and the public keeps its answer', async () => {
  const anything = fc.oneof(fc.constant(undefined), fc.constant(null), fc.string(), fc.integer(), fc.boolean(), fc.constant([]), fc.constant({}));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...stepsToDieIn), fc.nat(), anything, async (step, where, value) => {
      const made = await diedIn(step);
      await edit(made, (body) => replacedAt(body, where, value));
      const outcome = await made.command().then((performed) => performed?.failure, (error: unknown) => error as Failure);
      expect(outcome).not.toMatchObject({ code: 'Unexpected' });
      expect(outcome === undefined || outcome instanceof Failure).toBe(true);
      expect(made.observer.violations).toEqual([]);
    }),
    { seed: 4711, numRuns: 100 },
  );
}, 60_000);

/** The record with one of its values, at any depth, replaced; undefined removes it. */
function replacedAt(body: string, where: number, value: unknown): string {
  const record = JSON.parse(body) as object;
  const places = placesIn(record);
  const [holder, key] = places[where % places.length] ?? [record, 'version'];
  (holder as Record<string, unknown>)[key] = value;
  return JSON.stringify(record);
}

function placesIn(value: unknown): readonly (readonly [object, string])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[value, key] as const, ...placesIn(inner)]);
}
