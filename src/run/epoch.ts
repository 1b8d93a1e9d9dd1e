// What counts as an epoch, wherever one is read. Pure.

/**
 * The API keeps a lease's count as int32 (LeaseSpec, `leaseTransitions`). One that is near its end was not counted but typed: to go on
 * above it would leave no room for any other run.
 */
const mostEpochs = 1_000_000_000;

export function isEpoch(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= mostEpochs;
}
