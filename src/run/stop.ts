// Ends a wait for an answer as soon as the process is asked to stop. Only for questions: what writes must be waited for.

/** What `answer` resolves to; rejects with the signal's reason when that aborts first. */
export async function orStopped<T>(answer: Promise<T>, stop: AbortSignal): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const tell = (): void => stopped.reject(stop.reason as Error);
  stop.addEventListener('abort', tell, { once: true });
  if (stop.aborted) tell();
  try {
    return await Promise.race([answer, stopped.promise]);
  } finally {
    stop.removeEventListener('abort', tell);
  }
}
