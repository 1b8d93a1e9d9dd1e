// Two thousand days out of seeds, the second quarter of them: whatever goes wrong, nothing happens that must never happen.

import { test } from 'vitest';
import { expectQuarterClean, patienceMs } from './seeds.ts';

test('faults, deaths and other people lead to no violation (second quarter of the seeds)', { timeout: patienceMs }, () => expectQuarterClean(1));
