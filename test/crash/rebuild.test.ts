// Dying at every request of a rebuild, with and without a release before it.

import { describeCrashes } from './exhaustive.ts';

describeCrashes({ operations: ['first-rebuild', 'rebuild-keeping'] });
describeCrashes({ operations: ['rebuild'], next: ['fresh', 'rollback', 'rehearse', 'prune', 'cancel'] });
