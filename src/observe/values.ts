// Helm values of the release, in order: files, inline mappings, Secrets. Read at the moment of use.

import { readValues, type Values } from '../config/values-files.ts';
import type { Environment } from '../config/environment.ts';
import type { Secrets } from '../drivers/drivers.ts';
import { retry, type RetryOptions } from '../run/retry.ts';

export interface ValuesOptions extends Pick<RetryOptions, 'clock' | 'signal'> {
  readonly drivers: { readonly secrets: Secrets };
}

/** A Secret that is named without a namespace lies in the runner's. */
export async function releaseValues({ release, runner }: Environment, options: ValuesOptions): Promise<readonly Values[]> {
  return readValues(release.values, (source) => retry(() => options.drivers.secrets.read(source, runner.namespace), options));
}
