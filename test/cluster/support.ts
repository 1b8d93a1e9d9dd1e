// One layout that the tests of this folder share, and a node that joined it.
import { joinedNode, layoutOf } from '../../cluster/layout.ts';

export const layout = layoutOf({ stateDir: '/state/0a1b2c3d', index: 3, kubernetes: '/builds/abc/kubernetes' });

export const joined = joinedNode(layout, { name: 'blue', number: 3, labels: { pool: 'new', zone: 'b' }, taints: ['pool=new:NoSchedule'] });
