import { AppError } from "../shared/errors/app-error";
import type { VectorStore } from "./vector-store";

/** The store, with a callback after every call. */
export function observed(store: VectorStore, onState: (up: boolean) => void): VectorStore {
  return {
    kind: store.kind,
    ping: (signal) => reportingState(onState, () => store.ping(signal)),
    close: () => store.close(),
    async collection(spec) {
      const inner = await reportingState(onState, () => store.collection(spec));
      return {
        upsert: (points) => reportingState(onState, () => inner.upsert(points)),
        delete: (ids) => reportingState(onState, () => inner.delete(ids)),
        deleteWhere: (filter) => reportingState(onState, () => inner.deleteWhere(filter)),
        search: (request) => reportingState(onState, () => inner.search(request)),
        get: (ids) => reportingState(onState, () => inner.get(ids)),
        scroll: (request) => reportingState(onState, () => inner.scroll(request)),
        count: (filter) => reportingState(onState, () => inner.count(filter)),
      };
    },
  };
}

/** Makes a call and reports whether the store answered. A refused call was answered too. */
export async function reportingState<T>(onState: (up: boolean) => void, call: () => Promise<T>): Promise<T> {
  try {
    const result = await call();
    onState(true);
    return result;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === "STORE_UNAVAILABLE") onState(false);
    throw thrown;
  }
}
