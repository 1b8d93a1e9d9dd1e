// What the public must never meet (I1, I4, I5, I7): each checker finds it when it is done by hand, and is silent otherwise.

import { describe, expect, test } from 'vitest';
import { environmentWith } from '../../sim/production.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { DriverError } from '../../src/drivers/failure.ts';
import { breakPods } from '../../sim/cluster/pods.ts';
import { killAt } from '../../sim/faults.ts';
import { addressOf, answer, changeTo, installed, live, lockedProcess, watchedProduction, writeRecord, www } from './watched.ts';

const all = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9', 'L1'] as const;

describe('all checkers are silent', () => {
  test.each([{ what: 'one rebuild after another', more: {} }, { what: 'releases that are kept', more: { deleteExisting: false } }])('over $what', async ({ more }) => {
    const made = await watchedProduction({ environment: environmentWith(more), secrets: ['planted-and-nowhere'], mostRequests: () => 800 });
    await made.command({ operation: 'rebuild' }, { calm: true });
    await made.command({ operation: 'rehearse' }, { calm: true });
    await made.command({ operation: 'prune', older: true }, { calm: true });
    expect(made.watched.settle()).toEqual([]);
  });

  test('over a rollback', async () => {
    const made = await watchedProduction({ environment: environmentWith({ deleteExisting: false }) });
    await made.command();
    await made.command({ operation: 'rollback' });
    expect(made.publicReleases()).toEqual([live, live]);
    expect(made.watched.settle()).toEqual([]);
  });

  test.each([30, 90, 150, 210, 270, 330])('over a run that is killed %i requests after its begin, and the next one', async (after) => {
    const made = await watchedProduction();
    made.world.faults = killAt(made.world.requests.length + after, 'killAfter');
    await made.command();
    made.world.faults = () => undefined;
    await made.command({ operation: 'rebuild' }, { calm: true });
    expect(made.watched.settle()).toEqual([]);
  });

  test('over a candidate that fails', async () => {
    const made = await watchedProduction();
    made.world.cluster.behaviours.set('Job/loader', { outcome: 'fails' });
    await made.command();
    expect(made.commands.at(-1)?.ended).toMatchObject({ performed: { outcome: 'failed' } });
    expect(made.watched.settle()).toEqual([]);
  });
});

test('I1: a name that leads to a release which nobody has loaded is found, though it answers', async () => {
  const made = await watchedProduction();
  const rogue = await lockedProcess(made);
  await installed(rogue, made, 'prod-other');
  await changeTo(rogue, [answer(await addressOf(made, 'prod-other'))]);
  expect(made.found('I1')).toContain(`${www} at ns1.example.org.: prod-other is not fit for the public`);
});

test('I1: a release that was loaded but never verified is not fit either', async () => {
  const unverified = environmentWith({ verify: { http: [{ url: 'http://www.example.org/never-asked' }] } });
  const made = await watchedProduction();
  await made.command({ operation: 'rebuild' }, {
    environment: environmentWith({ deleteExisting: false, verify: {} }),
    onEvent: (event) => {
      if (event.type === 'stepStarted' && event.step === 'loadData') Object.assign(made.commands.at(-1) ?? {}, { environment: unverified });
    },
  });
  expect(made.found('I1').join()).toContain('not fit');
});

test('I1: what an operator does to the live release, and what somebody else writes into the zone, is not ours', async () => {
  const made = await watchedProduction();
  made.others.noteEdit(www, [answer('203.0.113.9')]);
  made.world.dns.edit('example-org', www, [answer('203.0.113.9')]);
  await made.world.clock.sleep(5_000);
  expect(made.found('I1')).toEqual([]);
});

describe('I1: a live pod that flaps', () => {
  /** It is the public's when it goes down for the first time. */
  async function flapping() {
    const made = await watchedProduction();
    const { inside, behaviours } = made.world.cluster;
    behaviours.set('Deployment/web', { flaps: { everyMs: 200_000, times: 2 } });
    await made.command();
    expect([...inside.ailing]).toEqual([]);
    await made.world.clock.sleep(200_000);
    expect([...inside.ailing.values()]).toEqual([Infinity]);
    return made;
  }

  test('is nobody’s doing', async () => {
    const made = await flapping();
    await made.world.clock.sleep(1_000_000);
    expect(made.settled('I1')).toEqual([]);
  });

  test('excuses nobody who takes it away', async () => {
    const made = await flapping();
    const [release = ''] = made.releases();
    await made.world.cluster.patch({ kind: kinds.deployment, namespace: release, name: 'web' }, { spec: { replicas: 0 } });
    await made.world.clock.sleep(5_000);
    expect(made.settled('I1')).toContain(`${www} at ns1.example.org.: Service ingress of ${release} does not answer`);
  });
});

describe('I1: when the release before goes, so long after the drain has begun', () => {
  /** TTL 60 s, soak 10 s, and a server that is a second behind. */
  async function goneAfter(ms: number) {
    const made = await watchedProduction();
    await made.command({ operation: 'rebuild' }, { onEvent: (event, process) => void (event.type === 'stepStarted' && event.step === 'drainPrevious' && process.kill()) });
    await made.world.clock.sleep(ms);
    breakPods(made.world.cluster.inside, live);
    await made.world.clock.sleep(1_000);
    return { clients: made.settled('I1').map((problem) => problem.slice(0, problem.indexOf(' asked for'))), letDown: [...made.watched.letDown.keys()].length };
  }
  const drained = 'a client that stretches the TTL, or keeps its connections, for no longer than the soak';

  test('within the TTL, those who obey it are let down, and those who wait for the soak', async () => {
    expect(new Set((await goneAfter(30_000)).clients)).toEqual(new Set(['a client that obeys the TTL', drained]));
  });

  test('within the soak, only the latter are', async () => {
    expect(new Set((await goneAfter(65_000)).clients)).toEqual(new Set([drained]));
  });

  test('later, it is no violation; those who hold on for longer are counted', async () => {
    expect(await goneAfter(75_000)).toEqual({ clients: [], letDown: 3 });
    expect(await goneAfter(1_000_000)).toEqual({ clients: [], letDown: 0 });
  });
});

describe('I4', () => {
  test('a run that is recorded as failed, and has changed a name, is found', async () => {
    const made = await watchedProduction();
    const rogue = await lockedProcess(made);
    const record = await writeRecord(rogue, { previous: { name: live }, createsCandidate: false });
    await changeTo(rogue, [{ ...answer(await addressOf(made, live)), ttl: 61 }]);
    const stored = await rogue.drivers.records.read(record.id);
    await rogue.drivers.records.replace(record.id, JSON.stringify({ ...record, outcome: 'failed' }), stored?.version ?? '');
    expect(made.found('I4')).toEqual([`run ${record.id} ended as failed, and ${www} is not what it was`]);
  });

  test('a run that failed and left its candidate is found', async () => {
    const made = await watchedProduction();
    const rogue = await lockedProcess(made);
    const record = await writeRecord(rogue, { previous: { name: live } });
    await installed(rogue, made, 'prod-other');
    const stored = await rogue.drivers.records.read(record.id);
    await rogue.drivers.records.replace(record.id, JSON.stringify({ ...record, outcome: 'failed' }), stored?.version ?? '');
    expect(made.found('I4')).toEqual([`run ${record.id} ended as failed, and prod-other is still there`]);
  });

  test('a rehearsal that changes a name is found', async () => {
    const made = await watchedProduction();
    const rogue = await lockedProcess(made);
    await writeRecord(rogue, { operation: 'rehearse' });
    await changeTo(rogue, [{ ...answer(await addressOf(made, live)), ttl: 61 }]);
    expect(made.found('I4').join()).toContain('should rehearse changed names');
  });
});

describe('I5', () => {
  test('a swap to a release whose load failed is found, already when it is asked for', async () => {
    const made = await watchedProduction();
    const rogue = await lockedProcess(made);
    await installed(rogue, made, 'prod-other');
    Object.assign(made.commands.at(-1) ?? {}, { process: rogue.number });
    await changeTo(rogue, [answer(await addressOf(made, 'prod-other'))]);
    expect(made.found('I5').join()).toContain('load job base of prod-other has not ended well');
  });

  test('without strict checking a failed load is no violation', async () => {
    const made = await watchedProduction({ environment: environmentWith({ strictErrorChecking: false }) });
    made.world.cluster.behaviours.set('Job/loader', { outcome: 'fails' });
    await made.command();
    expect(made.publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
    expect(made.watched.settle()).toEqual([]);
  });
});

test('I5: without strict checking a load job that cannot be asked is given up, which is no violation either', async () => {
  const made = await watchedProduction({ environment: environmentWith({ strictErrorChecking: false }) });
  let asked = 0;
  made.world.faults = ({ text }) => (text.startsWith('cluster.get Job prod-r0002/base-') && (asked += 1) === 2 ? new DriverError({ reason: 'forbidden', attempted: text }) : undefined);
  expect(await made.command()).toMatchObject({ outcome: 'succeeded' });
  expect(made.world.requests.some(({ text }) => text.startsWith('cluster.delete Job prod-r0002/base-'))).toBe(true);
  expect(made.publicReleases()).toEqual(['prod-r0002', 'prod-r0002']);
  expect(made.watched.settle()).toEqual([]);
});

describe('I7', () => {
  test('to leave a name without an answer is found', async () => {
    const made = await watchedProduction();
    await changeTo(await lockedProcess(made), []);
    expect(made.found('I7').join()).toContain('would be left without an answer');
  });

  test('to give a name a part of what its Service has is found', async () => {
    const made = await watchedProduction({ scenario: { cluster: { behaviours: { 'Service/ingress': { dualStack: true } } } } });
    await changeTo(await lockedProcess(made), [answer(await addressOf(made, live))]);
    expect(made.found('I7').join()).toContain('but its Service has');
  });

  test('to change what was not read, or what was read otherwise, is found', async () => {
    const made = await watchedProduction();
    const { drivers } = await lockedProcess(made);
    const zone = await drivers.dns.zone('example-org');
    await drivers.dns.change(zone, { expected: made.world.dns.held(www), desired: made.world.dns.held(www) });
    expect(made.found('I7').join()).toContain(`what is expected of ${www} is not what was read last`);
  });

  test.each([
    { what: 'is harmless when it was asked anew and answered', asksAnew: true },
    { what: 'is found when nobody asked anew', asksAnew: false },
  ])('to delete after a question that failed late $what', async ({ asksAnew }) => {
    const made = await watchedProduction();
    const { drivers } = await lockedProcess(made);
    const [server] = (await drivers.dns.zone('example-org')).servers;
    if (server === undefined) throw new Error('the zone has no server');
    const ask = (): Promise<unknown> => drivers.resolver.query(server, www, 'A');
    if (!asksAnew) await ask();
    await made.world.clock.sleep(100);
    made.world.faults = () => ({ fault: 'swallowed', ms: 1_000 });
    const late = expect(ask()).rejects.toThrow('no answer');
    made.world.faults = () => undefined;
    await made.world.clock.sleep(100);
    if (asksAnew) await ask();
    await late;
    await drivers.helm.uninstall(live, live, { signal: new AbortController().signal });
    const unknownOne = `it was not known: what ${server.name} answers for ${www}`;
    expect(made.found('I7').join().includes(unknownOne)).toBe(!asksAnew);
  });

  test('to delete after a question that was not answered is found', async () => {
    const made = await watchedProduction();
    const { drivers } = await lockedProcess(made);
    made.world.faults = ({ text }) => (text.startsWith('resolver') ? new DriverError({ reason: 'timeout', attempted: text }) : undefined);
    await drivers.helm.uninstall(live, live, { signal: new AbortController().signal });
    expect(made.found('I7').join()).toContain(`it was not known: what ns1.example.org. answers for ${www}`);
  });
});

test('every violation comes with its time, its story, and is told once', async () => {
  const made = await watchedProduction();
  await changeTo(await lockedProcess(made), []);
  const [violation] = made.watched.violations.filter(({ invariant }) => invariant === 'I7');
  expect(violation?.story.at(-1)).toContain('dns.change');
  expect(violation?.at).toBeGreaterThan(0);
  const told = made.watched.violations.map(({ invariant, problem }) => `${invariant} ${problem}`);
  expect(new Set(told).size).toBe(told.length);
  expect(told.every((text) => all.some((name) => text.startsWith(name)))).toBe(true);
});
