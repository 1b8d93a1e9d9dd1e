// Two thousand days out of seeds, the third quarter of them: whatever goes wrong, nothing happens that must never happen.

import { test } from 'vitest';
import { expectQuarterClean, patienceMs } from './seeds.ts';

test('faults, deaths and other people lead to no violation (third quarter of the seeds)', { timeout: patienceMs }, () => expectQuarterClean(2));
