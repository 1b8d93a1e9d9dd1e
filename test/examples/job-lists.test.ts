// What a job list remembers and in which order its jobs run. In memory, on a fake database.
import { expect, test } from 'vitest';
import { createJobLists, parseDataConfiguration, type JobConfiguration } from '../../examples/portal/programs/job-lists.ts';
import dataConfiguration from '../../examples/portal/data.json' with { type: 'json' };

const asia = { description: 'Cities of Asia', regions: ['Asia'] };
const america = { description: 'Cities of America', regions: ['America'] };
const both = { description: 'Half of the world', jobConfigurations: [asia, america] };

/** Job lists whose jobs end when the test says so. */
function controlled() {
  const started: string[] = [];
  const endings: ((rows: number | Error) => void)[] = [];
  let ids = 0;
  const lists = createJobLists({
    newId: () => `list-${++ids}`,
    runJob: ({ description }: JobConfiguration) =>
      new Promise((resolve, reject) => {
        started.push(description);
        endings.push((rows) => (rows instanceof Error ? reject(rows) : resolve(rows)));
      }),
  });
  const end = async (rows: number | Error): Promise<void> => {
    endings.shift()?.(rows);
    await settle();
  };
  return { lists, started, end };
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test('a new list waits until it is run', () => {
  const { lists, started } = controlled();
  const id = lists.create(both);
  expect(lists.get(id)).toEqual({
    id: 'list-1',
    description: 'Half of the world',
    status: 'Created',
    jobConfigurations: [
      { description: 'Cities of Asia', jobExitCode: 'UNKNOWN', rows: 0 },
      { description: 'Cities of America', jobExitCode: 'UNKNOWN', rows: 0 },
    ],
  });
  expect(started).toEqual([]);
});

test('jobs run one after another, and the list is completed after the last', async () => {
  const { lists, started, end } = controlled();
  const id = lists.create(both);
  lists.run(id);
  await settle();
  expect(started).toEqual(['Cities of Asia']);
  expect(lists.get(id)?.status).toBe('Running');
  await end(7426);
  expect(started).toEqual(['Cities of Asia', 'Cities of America']);
  expect(lists.get(id)?.status).toBe('Running');
  await end(6365);
  expect(lists.get(id)).toMatchObject({
    status: 'Completed',
    jobConfigurations: [
      { jobExitCode: 'COMPLETED', rows: 7426 },
      { jobExitCode: 'COMPLETED', rows: 6365 },
    ],
  });
});

test('a failed job is an ERROR with its reason, and the jobs after it run all the same', async () => {
  const { lists, end } = controlled();
  const id = lists.create(both);
  lists.run(id);
  await settle();
  await end(new Error('the database is gone'));
  await end(6365);
  expect(lists.get(id)).toMatchObject({
    status: 'Completed',
    jobConfigurations: [{ jobExitCode: 'ERROR', message: 'the database is gone' }, { jobExitCode: 'COMPLETED' }],
  });
});

test('a second list waits for the first', async () => {
  const { lists, started, end } = controlled();
  const first = lists.create({ description: '', jobConfigurations: [asia] });
  const second = lists.create({ description: '', jobConfigurations: [america] });
  lists.run(first);
  lists.run(second);
  await settle();
  expect([lists.get(first)?.status, lists.get(second)?.status]).toEqual(['Running', 'Queued']);
  await end(1);
  expect(started).toEqual(['Cities of Asia', 'Cities of America']);
  await end(1);
  await lists.idle();
  expect(lists.get(second)?.status).toBe('Completed');
});

test('a list runs once, and a list that does not exist never', () => {
  const { lists } = controlled();
  const id = lists.create(both);
  expect([lists.run(id), lists.run(id), lists.run('list-9')]).toEqual(['started', 'again', 'missing']);
});

test('what was forgotten is gone', () => {
  const { lists } = controlled();
  const id = lists.create(both);
  lists.forget();
  expect(lists.get(id)).toBeUndefined();
});

test('the oldest of very many lists makes room', () => {
  const { lists } = controlled();
  const [first = '', second = ''] = Array.from({ length: 101 }, () => lists.create(both));
  expect(lists.get(first)).toBeUndefined();
  expect(lists.get(second)).toBeDefined();
});

test('the data configuration in the checkout is a good one', () => {
  expect(parseDataConfiguration(dataConfiguration).jobConfigurations.map(({ description }) => description)).toEqual([
    'Cities of Asia',
    'Cities of America',
    'Cities of Australia and the Pacific',
  ]);
});

test.each([
  [null, 'the data configuration is not an object'],
  [{}, 'jobConfigurations is not a list of at least one job'],
  [{ jobConfigurations: [] }, 'jobConfigurations is not a list of at least one job'],
  [{ jobConfigurations: ['Asia'] }, 'jobConfigurations[0] is not an object'],
  [{ jobConfigurations: [asia, { regions: [] }] }, 'jobConfigurations[1].description is not a text'],
  [{ jobConfigurations: [{ description: 'x', regions: [1] }] }, 'jobConfigurations[0].regions is not a list of texts'],
])('the data configuration %j is refused', (value, message) => {
  expect(() => parseDataConfiguration(value)).toThrow(new TypeError(message));
});
