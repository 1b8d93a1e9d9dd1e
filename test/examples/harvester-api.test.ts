// The harvester's job-list API over loopback: what it answers, and to whom.
import { afterEach, expect, test } from 'vitest';
import { harvesterHandler, type HarvesterMode } from '../../examples/portal/programs/harvester-api.ts';
import { jobRunner } from '../../examples/portal/programs/harvester.ts';
import { createJobLists } from '../../examples/portal/programs/job-lists.ts';
import type { RunningServer } from '../../examples/portal/programs/server.ts';
import { city, fakeDatabase, serve } from './fakes.ts';

const cities = [city({ id: 1, region: 'Asia' }), city({ id: 2, region: 'Asia' }), city({ id: 3, region: 'America' })];
const configuration = {
  jobConfigurations: [
    { description: 'Cities of Asia', regions: ['Asia'] },
    { description: 'Cities of America', regions: ['America'] },
  ],
};
const authorization = `Basic ${Buffer.from('harvester:secret').toString('base64')}`;

let server: RunningServer;
afterEach(() => server.close());

/** A harvester on loopback, and the requests of a caller to it. */
async function start({ mode = 'normal' as HarvesterMode, failJob = '' } = {}) {
  const database = fakeDatabase();
  const lists = createJobLists({
    newId: () => 'list-1',
    runJob: jobRunner({
      database,
      failJob,
      log: () => undefined,
      stretchMs: 0,
      pause: async () => undefined,
      citiesOf: (regions) => cities.filter(({ region }) => regions.includes(region)),
    }),
  });
  server = await serve(harvesterHandler({ lists, username: 'harvester', password: 'secret', mode }));
  const base = `http://127.0.0.1:${server.port}/harvester/api/1`;
  const post = (path: string, init: RequestInit = {}) => fetch(base + path, { method: 'POST', ...init });
  return {
    database,
    lists,
    create: (body: string = JSON.stringify(configuration)) => post('/data', { body }),
    run: (id = 'list-1', headers: Record<string, string> = { authorization }) => post(`/job/list/${id}/run`, { headers }),
    show: (id = 'list-1') => fetch(`${base}/job/list/${id}`),
    get: (path: string) => fetch(base + path),
  };
}

test('create, run, look: the classic way through', async () => {
  const { create, run, show, lists, database } = await start();
  expect(await (await create()).json()).toEqual({ id: 'list-1' });
  expect(await (await show()).json()).toMatchObject({ status: 'Created' });
  expect((await run()).status).toBe(200);
  await lists.idle();
  expect(await (await show()).json()).toMatchObject({
    id: 'list-1',
    status: 'Completed',
    jobConfigurations: [
      { description: 'Cities of Asia', jobExitCode: 'COMPLETED', rows: 2 },
      { description: 'Cities of America', jobExitCode: 'COMPLETED', rows: 1 },
    ],
  });
  expect(database.saved.map(({ id }) => id)).toEqual([1, 2, 3]);
});

test('the job that the chart lets fail is an ERROR under its description', async () => {
  const { create, run, show, lists } = await start({ failJob: 'Cities of Asia' });
  await create();
  await run();
  await lists.idle();
  expect(await (await show()).json()).toMatchObject({
    status: 'Completed',
    jobConfigurations: [
      { description: 'Cities of Asia', jobExitCode: 'ERROR' },
      { description: 'Cities of America', jobExitCode: 'COMPLETED' },
    ],
  });
});

test('a job for which there is no data is an ERROR, not an empty success', async () => {
  const { create, run, show, lists } = await start();
  await create(JSON.stringify({ jobConfigurations: [{ description: 'Cities of the Moon', regions: ['Moon'] }] }));
  await run();
  await lists.idle();
  expect(await (await show()).json()).toMatchObject({
    jobConfigurations: [{ jobExitCode: 'ERROR', message: 'no city lies in Moon' }],
  });
});

test.each([[{}], [{ authorization: `Basic ${Buffer.from('harvester:wrong').toString('base64')}` }]])(
  'running a list with the credentials %j is refused, and nothing starts',
  async (headers) => {
    const { create, run, show } = await start();
    await create();
    const response = await run('list-1', headers);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="harvester"']);
    expect(await (await show()).json()).toMatchObject({ status: 'Created' });
  },
);

test('a list that does not exist is 404, one that was run before is 409', async () => {
  const { create, run, show, get } = await start();
  expect([(await show('other')).status, (await run('other')).status, (await get('/elsewhere')).status]).toEqual([404, 404, 404]);
  await create();
  expect([(await run()).status, (await run()).status]).toEqual([200, 409]);
});

test('a data configuration that cannot be read is 400, one that is too long 413', async () => {
  const { create } = await start();
  expect((await create('<data/>')).status).toBe(400);
  expect(await (await create('{}')).json()).toEqual({ error: 'jobConfigurations is not a list of at least one job' });
  expect((await create('x'.repeat(1_000_001))).status).toBe(413);
});

test('bad day: HTML instead of JSON, with status 200', async () => {
  const { create } = await start({ mode: 'html' });
  const response = await create();
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html']);
});

test('bad day: everything is 500', async () => {
  const { create, show } = await start({ mode: 'error500' });
  expect([(await create()).status, (await show()).status]).toEqual([500, 500]);
});

test('bad day: a list that was seen running is forgotten at the next look', async () => {
  const { create, run, show } = await start({ mode: 'forgets' });
  await create();
  expect((await show()).status).toBe(200);
  await run();
  expect([(await show()).status, (await show()).status]).toEqual([200, 404]);
});

test("bad day: another run's completion is reported", async () => {
  const { create, show } = await start({ mode: 'foreign' });
  await create();
  expect(await (await show()).json()).toMatchObject({ id: 'of-another-run', status: 'Completed' });
});
