// Ends a rehearsal: the candidate, which never served the public, goes away again.

import type { InstallResult } from './installRelease.ts';
import type { ReleaseStep } from './world.ts';
import { deleteRelease } from './deletion.ts';

export const removeCandidate: ReleaseStep<'removeCandidate', void, { readonly installRelease: InstallResult }> = {
  name: 'removeCandidate',
  title: 'Remove the rehearsed release',

  async act(context) {
    const { namespaceUid } = context.results.installRelease;
    await deleteRelease({ name: context.world.plan.candidate, namespaceUid }, context, 'RemovalFailed');
  },
};
