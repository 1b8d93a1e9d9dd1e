// How many requests each operation makes in the scenario it is died in: none may vanish from the proof unseen. Data only.

export const leastRequests: Readonly<Record<string, number>> = {
  'first-rebuild': 214,
  rebuild: 264,
  'rebuild-keeping': 236,
  'rebuild-installed': 287,
  'rebuild-unbound': 271,
  'rebuild-with-everything': 307,
  'rebuild-that-fails': 174,
  'rebuild-that-is-taken-back': 309,
  rehearse: 204,
  rollback: 199,
  'rollback-to': 201,
  prune: 143,
  adopt: 45,
  'adopt-installed': 49,
  'give-back': 21,
  lock: 3,
  unlock: 3,
  wrest: 5,
  cancel: 124,
  'cancel-after-the-move': 197,
};
