// Names, releases and runs as they are in the end, for whoever reads what was found. Judges nothing.

import { kinds } from '../src/drivers/cluster/objects.ts';
import type { Production } from './production.ts';

/** A line each. */
export function describeWorld(production: Production): readonly string[] {
  const { store } = production.world.cluster.inside;
  const namespaces = production.releases().map((release) => store.get(kinds.namespace, undefined, release)?.metadata);
  const records = store.all(kinds.configMap, 'changeover').filter(({ metadata }) => metadata.labels?.['changeover.dev/record'] !== undefined).map((map) => (map['data'] as { readonly record?: string } | undefined)?.record ?? '{}');
  return [
    ...production.names.map((name, index) => `${name} leads to ${production.publicReleases()[index] ?? 'nothing that is known'} (${production.world.dns.held(name).flatMap(({ values }) => values).join(', ')})`),
    ...namespaces.map((metadata) => `namespace ${metadata?.name}: ${Object.entries(metadata?.annotations ?? {}).filter(([key]) => key.startsWith('changeover.dev/')).map(([key, value]) => `${key.slice(15)}=${value}`).join(' ')}${metadata?.deletionTimestamp === undefined ? '' : ' (going)'}`),
    ...records.map(describeRecord),
  ];
}

function describeRecord(text: string): string {
  const { id, operation, outcome, failure, steps = [] } = JSON.parse(text) as { readonly id?: string; readonly operation?: string; readonly outcome?: string; readonly failure?: { readonly code: string; readonly summary: string }; readonly steps?: readonly { readonly name: string; readonly state: string }[] };
  const states = steps.filter(({ state }) => state !== 'pending').map(({ name, state }) => `${name} ${state}`).join(', ');
  return `run ${id} (${operation}): ${outcome}${failure === undefined ? '' : `, ${failure.code}: ${failure.summary}`} [${states}]`;
}
