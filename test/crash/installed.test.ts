// Dying at every request of a runner that has only the rights of the installed one, and of one that has everything to do.

import { describeCrashes } from './exhaustive.ts';

describeCrashes({ operations: ['rebuild-installed'], next: ['fresh', 'cancel'] });
describeCrashes({ operations: ['rebuild-with-everything'], next: ['fresh'] });
