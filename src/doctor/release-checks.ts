// What the doctor asks about the release to come: Helm, the chart as it would be rendered, and the secrets that are named. Reads only.

import type { Environment } from '../config/environment.ts';
import type { SecretSource } from '../config/values.ts';
import { asFailure } from '../drivers/failure.ts';
import { observeChart } from '../observe/chart.ts';
import { serviceProblem } from '../plan/rendered.ts';
import { count } from '../report/text.ts';
import { retry } from '../run/retry.ts';
import type { Asking } from './examine.ts';
import { ok, trouble, unless, type Finding } from './finding.ts';

export async function checkHelm({ drivers: { helm }, ...again }: Asking): Promise<Finding> {
  const version = await retry(() => helm.version(), again);
  if (/^v[34]\./.test(version)) return ok('helm', version);
  return trouble('helm', { verdict: 'failed', found: [`this is ${version}; versions 3 and 4 are known`], remedy: 'Install Helm 4' });
}

/** Fetched, checked and rendered, with the configured values, as the next run will do it. */
export async function checkChart(asking: Asking): Promise<Finding> {
  const { environment } = asking;
  // The name is any that a release could have: nothing is installed under it.
  const { chart, rendered, conflicts } = await observeChart({ ...asking, candidate: undefined, questions: () => [] }, `${environment.environment}-check`);
  const services = [...new Set(environment.dns.flatMap(({ service }) => serviceProblem(rendered, service) ?? []))];
  const owned = conflicts.map(({ object, owner }) => `${object} has a fixed name and belongs to ${owner}`);
  return unless([...services, ...owned], 'chart', { fine: `${chart.name} ${chart.version} from ${chart.origin}: ${count(rendered.length, 'object')}`, remedy: 'Correct the chart or its values; see it with: helm template' });
}

export async function checkSecrets({ environment, drivers: { secrets }, ...again }: Asking): Promise<Finding> {
  const named = secretsOf(environment);
  if (named.length === 0) return ok('secrets', 'none is named in the configuration');
  const missing = await Promise.all(
    named.map(async ({ use, source }) => {
      try {
        await retry(() => secrets.read(source, environment.runner.namespace), again);
        return [];
      } catch (error) {
        return [`${use}: ${asFailure(error).facts.summary}`];
      }
    }),
  );
  return unless(missing.flat(), 'secrets', { fine: `all ${named.length} that are named can be read`, remedy: 'Create what is missing, or correct the environment file' });
}

interface NamedSecret {
  readonly use: string;
  readonly source: SecretSource;
}

/** Those of a load without a namespace lie in the candidate: they are there when it is. */
export function secretsOf({ dnsProvider, release, notify, load }: Environment): readonly NamedSecret[] {
  const dns = 'rfc2136' in dnsProvider ? dnsProvider.rfc2136.key : dnsProvider.googleCloud.credentials;
  const values = release.values.flatMap((source) => ('secret' in source ? [source] : []));
  const passwords = load.flatMap((job) => ('jobList' in job ? (job.jobList.credentials?.password ?? []) : []));
  return [
    ...(dns === undefined ? [] : [{ use: 'dnsProvider', source: dns }]),
    ...values.map((source) => ({ use: 'release.values', source })),
    ...passwords.filter((source) => 'file' in source || source.secret.namespace !== undefined).map((source) => ({ use: 'load', source })),
    ...notify.webhooks.map(({ url }) => ({ use: 'notify', source: url })),
  ];
}
