// Dying at every request of a way back: a rebuild that fails, one whose names are taken back, and a run that is cancelled.

import { describeCrashes } from './exhaustive.ts';

describeCrashes({ operations: ['rebuild-that-fails', 'cancel', 'cancel-live', 'cancel-after-the-move'] });
describeCrashes({ operations: ['rebuild-that-is-taken-back'], next: ['fresh', 'rollback', 'cancel'] });
