// Commands that only look, where a runner is installed: they make nothing, and say what is missing and what would be made.

import { describe, expect, test } from 'vitest';
import { observeReleases } from '../../src/observe/observe.ts';
import { neededAccess } from '../../src/plan/access.ts';
import { namespaceOf } from '../../src/plan/ownership.ts';
import { planText, planView } from '../../src/report/plan.ts';
import { intend } from '../../src/session/intend.ts';
import type { Reading } from '../../src/session/session.ts';
import { readStatus } from '../../src/session/status.ts';
import { environmentWith, production, type Production } from '../../sim/production.ts';

const unbound = namespaceOf('prod-old00', { environment: 'prod', run: 'earlier' });
const objects = ['RoleBinding changeover-installer', 'RoleBinding changeover-runner', 'ServiceAccount changeover-installer'];

function reading({ world }: Production, environment = environmentWith()): Reading {
  const { drivers, clock } = world.start();
  return { environment, drivers, clock, stop: new AbortController().signal, say: () => undefined };
}

async function planned(made: Production, environment = environmentWith()) {
  const opened = reading(made, environment);
  return intend(opened, { operation: 'rebuild' }, { suffix: 'new00', questions: (access) => neededAccess(environment, access) });
}

const writes = ({ world }: Production): readonly string[] => world.requests.filter((request) => request.writes).map(({ text }) => text);

describe('a plan', () => {
  test('of an installed runner lists its bindings and Helm’s account before the chart’s objects, and every guard holds', async () => {
    const made = await production({ installed: 'pod' });
    const intended = await planned(made);
    expect(intended.guards.filter(({ holds }) => !holds)).toEqual([]);
    expect(planView(intended).objects.slice(0, 4)).toEqual(['Namespace prod-new00', ...objects]);
    expect(writes(made)).toEqual([]);
  });

  test('made from a laptop tells the bindings that a run makes in a release which lacks them', async () => {
    const made = await production({ installed: 'laptop', objects: [unbound] });
    const intended = await planned(made);
    expect(intended.access).toEqual([{ release: 'prod-old00', objects }, { release: 'prod-new00', objects }]);
    expect(planText(planView(intended))).toContain('give rights in release prod-old00, which was made without them');
    expect(writes(made)).toEqual([]);
  });

  test('where nothing is installed makes no account, and says nothing of one', async () => {
    const intended = await planned(await production({ objects: [unbound] }));
    expect(intended.access).toEqual([]);
    expect(planText(planView(intended))).not.toContain('RoleBinding');
  });

  test('with the lock in another namespace than the installed runner’s is one that would be refused', async () => {
    const made = await production({ installed: 'laptop', runnerNamespace: 'builder' });
    const { guards } = await planned(made);
    expect(guards.filter(({ holds }) => !holds)).toEqual([
      {
        guard: 'the records are where the installed runner keeps its own',
        holds: false,
        reasons: ["the runner of prod is installed in namespace builder, but runner.namespace is changeover: they would not see each other's lock"],
      },
    ]);
  });
});

describe('with the runner’s own account, and a release that lacks its binding', () => {
  const missing = {
    code: 'AccessDenied',
    facts: {
      summary: 'this account may not list the Services of release prod-old00, so what the names point to cannot be told',
      next: expect.stringContaining('kubectl -n prod-old00 create rolebinding changeover-runner --clusterrole=changeover-prod-release --serviceaccount=changeover:changeover-prod'),
    },
  };

  test('a plan names the right and how to give it, and gives nothing itself', async () => {
    const made = await production({ installed: 'pod', objects: [unbound] });
    await expect(planned(made)).rejects.toMatchObject(missing);
    expect(writes(made)).toEqual([]);
  });

  test('so does status: what cannot be read is not nothing', async () => {
    const made = await production({ installed: 'pod', objects: [unbound] });
    await expect(readStatus(reading(made))).rejects.toMatchObject(missing);
  });

  test('after a run both can be read', async () => {
    const made = await production({ installed: 'pod', objects: [unbound] });
    await made.command({ operation: 'rebuild' }, { environment: environmentWith({ deleteExisting: false }) });
    expect((await readStatus(reading(made))).releases.map(({ name }) => name)).toContain('prod-r0001');
    const { environment, drivers, clock } = reading(made);
    expect(await observeReleases({ environment, drivers, clock, signal: new AbortController().signal })).not.toEqual([]);
  });
});
