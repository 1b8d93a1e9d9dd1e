// What the chart's templates reckon about schedules, against src/config: Helm renders both for hundreds of schedules and zones.
// Needs helm, which `npm run check` and the embedded cluster install.

import { execa } from 'execa';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { presentHelm } from '../../scripts/chart/tools.ts';
import { daylightSavingWarnings } from '../../src/config/schedule-daylight.ts';
import { syntaxProblem } from '../../src/config/schedule-fields.ts';
import { nextRuns } from '../../src/config/schedule.ts';
import { daylightSavingWords, timeWords } from '../../src/config/schedule-words.ts';
import { cases } from '../config/schedule-cases.ts';

const root = join(import.meta.dirname, '..', '..');
const helm = await presentHelm();
let directory = '';

const words: Readonly<Record<string, string>> = {
  '0 3 * * 6': 'at 03:00, every Saturday',
  '30 1,13 * * 1-5': 'at 01:30 and 13:30, every Monday to Friday',
  '@hourly': 'on the hour, every hour, every day',
  '*/15 * * * ?': 'every 15 minutes, every day',
  '*/5 2 * * *': 'every 5 minutes in the hour from 02:00, every day',
  '7 */2 1 */6 *': '7 min past every 2 hours from 00:00, on day 1 of the month, in January and July',
  '0 0 13 * 5': 'at 00:00, on day 13 of the month and also every Friday',
  '5-50/20 * * jan-mar *': 'at 5, 25 and 45 past every hour, every day, in January, February and March',
  '@every 12h': 'every 12h, counted from the last start',
};

/** A chart of nothing but the templates in question, which asks one of them about each case. */
async function asked(template: string, all: readonly unknown[]): Promise<readonly string[]> {
  const chart = join(directory, 'schedules');
  await mkdir(join(chart, 'templates'), { recursive: true });
  for (const name of ['_schedule', '_schedule-daylight', '_schedule-words']) await cp(join(root, `chart/templates/${name}.tpl`), join(chart, `templates/${name}.tpl`));
  await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: schedules\nversion: 0.0.0\n');
  await writeFile(join(chart, 'templates/answers.yaml'), `answers:\n{{- range .Values.cases }}\n- {{ ${template} | quote }}\n{{- end }}\n`);
  await writeFile(join(chart, 'values.json'), JSON.stringify({ cases: all }));
  const { stdout } = await execa(helm ?? '', ['template', 'schedules', chart, '--values', join(chart, 'values.json')]);
  return stdout.split('\n').flatMap((line) => (line.startsWith('- ') ? [JSON.parse(line.slice(2)) as string] : []));
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'changeover-notes-'));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

describe.skipIf(helm === undefined)('the templates of NOTES.txt', { timeout: 60_000 }, () => {
  const some = cases(80).filter(({ schedule }) => syntaxProblem(schedule) === undefined);

  it('give the next runs that the program gives', async () => {
    const template = 'include "changeover.schedule.next" (dict "fields" (include "changeover.schedule.fields" .schedule | fromJson) "timeZone" .timeZone "from" (int64 .from) "count" .count)';
    const answers = await asked(template, some);
    expect(answers.map((answer) => JSON.parse(answer) as unknown)).toEqual(some.map((one) => nextRuns(one, one.from * 1_000, one.count).map((ms) => ms / 1_000)));
  });

  it('give the warnings about changes of clocks that the program gives', async () => {
    const rare = some.map(({ from, timeZone }, index) => ({ from, timeZone, schedule: `30 ${index % 5} * * ${index % 2 === 0 ? '*' : '0,5'}` }));
    const answers = await asked('include "changeover.schedule.daylight" (dict "schedule" .schedule "timeZone" .timeZone "from" (int64 .from))', rare);
    const expected = rare.map((one) => daylightSavingWarnings(one, one.from * 1_000));
    expect(answers.map((answer) => sorted(JSON.parse(answer) as typeof expected[number]))).toEqual(expected.map(sorted));
    expect(expected.filter(({ length }) => length > 0).length).toBeGreaterThan(12);
  });

  it('say in words what a schedule means', async () => {
    expect(await asked('include "changeover.schedule.words" .', Object.keys(words))).toEqual(Object.values(words));
  });
});

function sorted(warnings: readonly { readonly date: string; readonly effect: string; readonly times: readonly string[] }[]): readonly string[] {
  return warnings.map(({ date, effect, times }) => `${date} ${effect} ${times.join(',')}`).sort();
}

describe.skipIf(helm === undefined)('NOTES.txt', { timeout: 60_000 }, () => {
  it('tells what the program tells, for the moment that it names itself', async () => {
    const [schedule, timeZone] = ['30 2 * * 0', 'Europe/Berlin'];
    const input = ['install', 'builder', join(root, 'chart'), '--dry-run=client', '--namespace', 'changeover', '--values', join(root, 'chart/tests/values/prod.yaml'), '--set', `schedule=${schedule},timeZone=${timeZone}`];
    const { stdout } = await execa(helm ?? '', input);
    const notes = stdout.slice(stdout.indexOf('NOTES:'));
    const computedAt = Date.parse(/computed at (\S+)\)/.exec(notes)?.[1] ?? '');
    for (const run of nextRuns({ schedule, timeZone }, computedAt, 3)) expect(notes).toContain(` ${timeWords(run, timeZone)}\n`);
    const warnings = daylightSavingWarnings({ schedule, timeZone }, computedAt);
    expect(warnings).toHaveLength(2);
    for (const warning of warnings) expect(notes).toContain(`WARNING: ${daylightSavingWords(warning)}\n`);
  });
});
