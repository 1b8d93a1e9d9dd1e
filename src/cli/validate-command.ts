// `validate` behind its options: the checked environment as data, or in a few words.

import { loadEnvironment } from '../config/load.ts';
import type { Environment } from '../config/environment.ts';
import { nextRuns, type Timing } from '../config/schedule.ts';
import { daylightSavingWarnings } from '../config/schedule-daylight.ts';
import { daylightSavingWords, scheduleWords, timeWords } from '../config/schedule-words.ts';
import type { ExitCode } from '../errors.ts';
import { print } from '../report/format.ts';
import { count, describeDuration, fields, type Field } from '../report/text.ts';
import { invocationOf } from './invocation.ts';
import type { Host } from './io.ts';
import type { ReadingOptions } from './options.ts';
import { tellFailure } from './tell.ts';

export async function validateCommand({ file, output }: ReadingOptions, host: Host): Promise<ExitCode> {
  try {
    const environment = await loadEnvironment(file, host.cwd);
    host.io.stdout(print(environment, output, (data) => environmentText(data, host.io.now())));
    return 0;
  } catch (error) {
    return tellFailure(error, host, { invocation: invocationOf({ file }, host) });
  }
}

function environmentText(environment: Environment, now: number): string {
  const { dns, load, deleteExisting, strictErrorChecking } = environment;
  const body = fields(
    [
      { label: 'cluster', text: environment.cluster },
      { label: 'chart', text: Object.entries(environment.release.chart).map(([key, value]) => `${key} ${value}`).join(', ') },
      { label: 'names', text: dns.map(({ name, service }) => `${name} → Service ${service}`).join('\n'), verbatim: true },
      { label: 'load', text: load.length === 0 ? 'nothing' : load.map(({ name, after }) => (after.length === 0 ? name : `${name} (after ${after.join(', ')})`)).join(', ') },
      { label: 'strict', text: strictErrorChecking ? 'a failed job stops the run' : 'a failed job is told, and the run goes on' },
      { label: 'soak', text: soakWords(environment) },
      { label: 'previous', text: deleteExisting ? 'is removed once the public has moved' : 'stays' },
      ...timings(environment).flatMap((timing) => scheduleFields(timing, now)),
      { label: 'suspended', text: environment.suspend ? 'nothing starts by schedule' : '' },
    ],
    Number.POSITIVE_INFINITY,
  );
  return `environment ${environment.environment} is valid: ${count(dns.length, 'name')}, ${count(load.length, 'load job')}\n\n${body}`;
}

/** Nothing where all is as one expects. */
function soakWords({ drain, verify }: Environment): string {
  if (drain.soak === 0 || verify.http.length > 0) return '';
  return `nothing is checked in the ${describeDuration(drain.soak)} of drain.soak, since verify.http has no checks: only they are repeated`;
}

/** The rebuild's, also when it has none, and those of other operations. */
function timings({ schedule, timeZone, schedules }: Environment): readonly NamedTiming[] {
  return [{ operation: 'rebuild', schedule, timeZone }, ...schedules.map((other) => ({ ...other, timeZone: other.timeZone ?? timeZone }))];
}

interface NamedTiming {
  readonly operation: string;
  readonly schedule: string | undefined;
  readonly timeZone: string;
}

function scheduleFields({ operation, schedule, timeZone }: NamedTiming, now: number): readonly Field[] {
  const label = operation === 'rebuild' ? 'schedule' : operation;
  if (schedule === undefined) return [{ label, text: 'by hand only' }];
  const timing: Timing = { schedule, timeZone };
  return [
    { label, text: `${scheduleWords(schedule)}, ${timeZone} (${schedule})` },
    { label: 'next', text: nextRuns(timing, now, 3).map((run) => timeWords(run, timeZone)).join('\n'), verbatim: true },
    { label: 'but', text: daylightSavingWarnings(timing, now).map(daylightSavingWords).join('\n'), verbatim: true },
  ];
}
