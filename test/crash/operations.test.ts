// Dying at every request of all operations that are no rebuild.

import { describeCrashes } from './exhaustive.ts';

describeCrashes({ operations: ['rollback'], next: ['rollback', 'rehearse', 'prune', 'cancel'] });
describeCrashes({ operations: ['rollback-to', 'rehearse', 'prune', 'adopt', 'adopt-installed', 'give-back', 'lock', 'unlock', 'wrest', 'trigger'] });
