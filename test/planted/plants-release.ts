// Planted bugs of releases: installing, loading, verifying, deleting. Data only.

import { at, type Plant } from './plant.ts';

export const releasePlants: readonly Plant[] = [
  {
    name: 'the old release is scaled down before the names move',
    source: 'argo-rollouts#2235',
    edits: [
      {
        file: 'steps/swapNames.ts',
        find: 'await changeZones(looks, context.world.plan.candidate, context);',
        replace:
          "const old = context.world.plan.previous; if (old) { const kind = { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true }; await context.world.drivers.cluster.patch({ kind, namespace: old.name, name: 'web' }, { spec: { replicas: 0 } }); await context.clock.sleep(5000); } await changeZones(looks, context.world.plan.candidate, context);",
      },
    ],
    trial: { subject: 'rebuild' },
    caughtBy: 'I1',
  },
  {
    name: 'a pending Helm release is trusted',
    source: 'helm#10599',
    edits: [
      { file: 'steps/installRelease.ts', find: "if (state === undefined || state === 'deployed') return;", replace: 'if (state !== null) return;' },
      { file: 'steps/installRelease.ts', find: "if (present?.status === 'deployed') return;", replace: 'if (present !== undefined) return;' },
    ],
    trial: { subject: 'rebuild', strikes: [at('helm.install', { fault: 'killAtObject', objects: 4 })] },
    caughtBy: 'I6',
  },
  {
    name: 'a failed build is left behind',
    source: 'the predecessor',
    edits: [{ file: 'steps/installRelease.ts', find: 'if (!createsCandidate) return;', replace: 'if (createsCandidate) return;' }],
    trial: { subject: 'rebuild-that-fails' },
    caughtBy: 'I6',
  },
  {
    name: 'a release that is still going is taken for gone',
    edits: [{ file: 'steps/deletion.ts', find: '  await waitUntilGone(release, context, code);\n', replace: '' }],
    trial: { subject: 'rebuild' },
    caughtBy: 'I6',
  },
  {
    name: '“false” counts as true: the release before is deleted that should stay',
    source: 'the predecessor',
    edits: [{ file: 'plan/make.ts', find: 'deletePrevious: environment.deleteExisting,', replace: 'deletePrevious: Boolean(String(environment.deleteExisting)),' }],
    trial: { subject: 'rebuild-keeping' },
    caughtBy: 'I3',
  },
  {
    name: 'whatever is not live is cleared away',
    edits: [{ file: 'plan/make.ts', find: "return release.state === 'candidate' || release.state === 'retiring' || release.deleting;", replace: "return release.state !== 'live' || release.deleting;" }],
    trial: { subject: 'rebuild-keeping' },
    caughtBy: 'I3',
  },
  {
    name: 'a release that could not be retired is forgotten',
    source: 'our own: found by the proxy of the chaos tests',
    edits: [{ file: 'plan/make.ts', find: ' || (environment.deleteExisting && isDue(release, records))', replace: '' }],
    trial: { subject: 'rebuild', strikes: [{ ...at('dns.zone', 'errorBefore', 8), refused: 'unreadable' }], scene: 'notRetired' },
    caughtBy: 'I6',
  },
  {
    name: 'what a pruning that was cancelled had on its list is removed by the next rebuild',
    source: 'our own',
    edits: [{ file: 'plan/due.ts', find: "(operation === 'rebuild' ? leftovers : [])", replace: 'leftovers' }],
    trial: { subject: 'prune', scene: 'pruningCancelled' },
    caughtBy: 'I3',
  },
  {
    name: 'that a human is needed is told as a failure like any other',
    edits: [{ file: 'run/ends.ts', find: "return { outcome: 'needsHuman', exitCode: 4, failure };", replace: "return { outcome: 'needsHuman', exitCode: 1, failure };" }],
    trial: { subject: 'rebuild', strikes: [{ ...at('dns.zone', 'errorBefore', 8), refused: 'unreadable' }], scene: 'notRetired' },
    caughtBy: 'L1',
  },
  {
    name: 'the live release is pruned',
    edits: [
      { file: 'plan/prune.ts', find: "if (name === live) return 'the public names point to it';", replace: '' },
      { file: 'plan/prune.ts', find: "if (inUse.includes(name)) return 'a public name points to it';", replace: '' },
      { file: 'steps/deletion.ts', find: '.includes(release.name)) continue;', replace: '.includes(release.name) || release) continue;' },
    ],
    trial: { subject: 'prune' },
    caughtBy: 'I3',
  },
  {
    name: 'what is deleted is told by its name, and not by its uid',
    edits: [
      { file: 'steps/deletion.ts', find: 'if (owned.uid !== release.namespaceUid) throw', replace: 'if (owned.uid === undefined) throw' },
      { file: 'steps/deletion.ts', find: 'await retry(() => cluster.delete({ kind: kinds.namespace, name: release.name }, release.namespaceUid, present), context);', replace: 'await retry(() => cluster.delete({ kind: kinds.namespace, name: release.name }, context.owned.uid, present), context);' },
    ],
    trial: { subject: 'prune', scene: 'namesake' },
    caughtBy: 'I8',
  },
  {
    name: '`prod` also means `production-x`',
    source: 'the predecessor: it matched namespaces by the beginning of their names',
    edits: [
      { file: 'plan/ownership.ts', find: 'marks[labels.environment] !== environment ||', replace: '!metadata.name.startsWith(environment) ||' },
      { file: 'plan/ownership.ts', find: ',${labels.environment}=${environment}`;', replace: '`;' },
    ],
    trial: { subject: 'rebuild', scene: 'neighbour' },
    caughtBy: 'I8',
  },
  {
    name: 'only the namespace is deleted, and Helm is not asked',
    edits: [{ file: 'steps/deletion.ts', find: "if (claimed !== 'gone') await helm.uninstall(helmRelease, release.name, { signal: context.signal });", replace: '' }],
    trial: { subject: 'rebuild-with-everything' },
    caughtBy: 'I6',
  },
  {
    name: 'a release is uninstalled which somebody has claimed since it was looked at',
    edits: [{ file: 'steps/deletion.ts', find: 'return { version: await claimAsSeen(found, context) };', replace: 'return { version: found.version };' }],
    trial: { subject: 'rebuild', scene: 'claimedMeanwhile' },
    caughtBy: 'I3',
  },
  {
    name: 'strict error checking is not strict',
    edits: [{ file: 'steps/loadData.ts', find: 'const strict = context.world.environment.strictErrorChecking;', replace: 'const strict = false;' }],
    trial: { subject: 'rebuild-that-fails' },
    caughtBy: 'I5',
  },
  {
    name: 'a job that this run has not made is taken for its own',
    source: 'argo-cd#25475',
    edits: [
      { file: 'drivers/load/job-manifest.ts', find: "-${createHash('sha256').update(`${runId}/${step}/${job}`).digest('hex').slice(0, 8)}-${attempt}", replace: '-${attempt}' },
      { file: 'drivers/load/job-manifest.ts', find: 'object.metadata.annotations?.[key] === value);', replace: 'object.metadata.annotations?.[key] === value || value);' },
    ],
    trial: { subject: 'rebuild', scene: 'earlierResult' },
    caughtBy: 'I5',
  },
  {
    name: 'a load that runs is started once more by whoever resumes',
    edits: [{ file: 'drivers/load/job-manifest.ts', find: ".slice(0, 8)}-${attempt}`;", replace: ".slice(0, 8)}-${attempt}${(globalThis.count = (globalThis.count ?? 0) + 1)}`;" }],
    trial: { subject: 'rebuild', strikes: [at('cluster.create jobs', 'killAfter')] },
    caughtBy: 'I2',
  },
  {
    name: 'the load is not waited for',
    edits: [{ file: 'steps/load/run-job.ts', find: "if (state.state === 'succeeded') return", replace: "if (state.state !== 'failed') return" }],
    trial: { subject: 'rebuild' },
    caughtBy: 'I5',
  },
  {
    name: 'the new release is not verified',
    edits: [{ file: 'operations/rebuild.ts', find: '  verifyRelease, // the last step before the public is affected\n', replace: '' }],
    trial: { subject: 'rebuild', scene: 'brokenCandidate' },
    caughtBy: 'I1',
  },
  {
    name: 'a silent watch is waited for without end',
    source: 'client-node#596, #3020',
    edits: [{ file: 'drivers/cluster/silence.ts', find: '70_000', replace: 'Number.MAX_SAFE_INTEGER' }],
    trial: { subject: 'rebuild', strikes: [at('cluster.watch pods', { fault: 'watchSilent', afterEvents: 0 })], scene: 'mustSucceed' },
    caughtBy: 'L1',
  },
  {
    name: 'a watch that was lost is never begun again',
    edits: [{ file: 'watch/mirror.ts', find: '      store.markStale(kind);\n      await clock.sleep(Math.min(', replace: '      return;\n      await clock.sleep(Math.min(' }],
    trial: { subject: 'rebuild', strikes: [at('cluster.watch pods', { fault: 'watchSilent', afterEvents: 0 })], scene: 'mustSucceed' },
    caughtBy: 'L1',
  },
  {
    name: 'a password is sent as a part of an address',
    edits: [{ file: 'drivers/load/harvester-api.ts', find: 'const url = `${base}/data`;', replace: "const url = `${base}/data/${secrets.join('/')}`;" }],
    trial: { subject: 'rebuild-with-everything' },
    caughtBy: 'I9',
  },
];
