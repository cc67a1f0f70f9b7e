import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 500;

/**
 * Waits until something holds.
 * @param look returns `undefined` when it holds, and else what is seen instead
 * @throws Error with what is seen instead, after so many seconds
 */
export async function waitFor(look: () => Promise<string | undefined>, seconds = 30): Promise<void> {
  const deadline = Date.now() + seconds * 1_000;
  for (;;) {
    const instead = await look();
    if (instead === undefined) return;
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${instead}`);
    await delay(POLL_MS);
  }
}
