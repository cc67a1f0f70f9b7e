/** Counts turns of the event loop, in which anybody else's request can be answered, without a clock. */
export function countLoops(): { readonly count: () => number; readonly stop: () => number } {
  let loops = 0;
  let next = setImmediate(function counted() {
    loops += 1;
    next = setImmediate(counted);
  });
  return {
    count: () => loops,
    stop: () => {
      clearImmediate(next);
      return loops;
    },
  };
}
