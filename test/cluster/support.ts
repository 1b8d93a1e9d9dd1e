// One layout that the tests of this folder share.
import { layoutOf } from '../../cluster/layout.ts';

export const layout = layoutOf({ stateDir: '/state/0a1b2c3d', index: 3, kubernetes: '/builds/abc/kubernetes' });
