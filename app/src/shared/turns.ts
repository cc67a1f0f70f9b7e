/**
 * Characters from which a request's work takes turns with everybody else's. Below, all of it takes a millisecond or two,
 * and a turn would only cost time.
 */
export const LARGE_CHARS = 32_000;

/** Characters worked through in one turn: some 3 ms of the slowest work, 20 to 30 ns a character (docs/performance.md). */
const TURN_CHARS = 100_000;

/** Work in steps: yields how many characters it has worked through since its last step, and returns its result. */
export type Steps<T> = Generator<number, T>;

let last: Promise<void> = Promise.resolve();

/**
 * Resolves in a turn of the event loop in which no other request's large work runs. Whoever is called back first worked
 * last: of ten large requests at once each holds the loop for one step, and a small one waits for one step, not for ten.
 */
export function turn(): Promise<void> {
  last = last.then(nextLoop);
  return last;
}

function nextLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** {@link turn} for a large text. `undefined`: it is small, and nothing need be awaited. */
export function turnFor(chars: number): Promise<void> | undefined {
  return chars < LARGE_CHARS ? undefined : turn();
}

/** Does work in as many turns as its characters take; little work at once. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  let worked = 0;
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    worked += step.value;
    if (worked < TURN_CHARS) continue;
    worked = 0;
    await turn();
  }
}

/** Does work that is known to be little, all at once. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
