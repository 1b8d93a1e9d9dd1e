// Dying at every request of a rebuild, with and without a release before it.

import { describeCrashes } from './exhaustive.ts';

// Whoever cancels the very first one leaves the names as they were: without an answer.
describeCrashes({ operations: ['first-rebuild'], next: ['fresh', 'rollback', 'rehearse', 'prune'] });
describeCrashes({ operations: ['rebuild-keeping'] });
describeCrashes({ operations: ['rebuild'], next: ['fresh', 'rollback', 'rehearse', 'prune', 'cancel'] });
