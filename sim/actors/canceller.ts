// Somebody who thinks better of it: `changeover cancel`, while a run goes on or after it died.

import type { Actor } from './play.ts';

export const canceller: Actor = ({ note, sometime, start }) => {
  sometime(async () => {
    note('somebody asks for the run to be cancelled');
    await start({ type: 'cancel' });
  });
};
