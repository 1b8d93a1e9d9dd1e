// Starting the installed runner by hand, where the API server is not heard.

import { expect, test } from 'vitest';
import { failing } from '../../sim/faults.ts';
import { runnerCronJob, runnerNamespace } from '../../sim/boundaries/trigger.ts';
import { production } from '../../sim/production.ts';
import { kinds } from '../../src/drivers/cluster/objects.ts';
import { startJob } from '../../src/session/jobs.ts';

test('a Job whose creation was never heard of, and that cannot be looked at for a moment, is the one that was asked for: there is no second', async () => {
  const made = await production({ installed: 'laptop', objects: [runnerCronJob] });
  const creation = failing(/^cluster\.create jobs changeover\//, 'lostAnswer');
  const look = failing(/^cluster\.get Job changeover\//, 'errorBefore');
  made.world.faults = (request) => creation(request) ?? look(request);
  const started = await made.session({ operation: 'trigger', act: async (session) => (await startJob(session, 'rebuild')).metadata.name });
  const jobs = made.world.cluster.inside.store.all(kinds.job).filter(({ metadata }) => metadata.namespace === runnerNamespace);
  expect(jobs.map(({ metadata }) => metadata.name)).toEqual([started]);
});
