// How many requests each operation makes in the scenario it is died in: none may vanish from the proof unseen. Data only.

export const leastRequests: Readonly<Record<string, number>> = {
  'first-rebuild': 197,
  rebuild: 246,
  'rebuild-keeping': 216,
  'rebuild-installed': 269,
  'rebuild-unbound': 230,
  'rebuild-with-everything': 285,
  'rebuild-that-fails': 163,
  'rebuild-that-is-taken-back': 285,
  rehearse: 193,
  rollback: 179,
  'rollback-to': 181,
  prune: 133,
  adopt: 37,
  'adopt-installed': 41,
  'give-back': 15,
  lock: 3,
  unlock: 3,
  wrest: 5,
  cancel: 118,
  'cancel-after-the-move': 172,
};
