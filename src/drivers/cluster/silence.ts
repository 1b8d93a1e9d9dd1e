// How long a watch may be silent. Holds a number, and nothing else.

/**
 * A bookmark comes every minute, give or take a second: a watch that stalls shall be noticed within 75 s, with what comes after it.
 * Source: kubernetes-client/javascript#596.
 */
export const watchSilenceMs = 70_000;
