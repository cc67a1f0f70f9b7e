import { AppError } from "../shared/errors/app-error";
import type { VectorStore } from "./vector-store";

/** The store, with every outcome told. */
export function observed(store: VectorStore, onState: (up: boolean) => void): VectorStore {
  return {
    kind: store.kind,
    ping: (signal) => told(onState, () => store.ping(signal)),
    close: () => store.close(),
    async collection(spec) {
      const inner = await told(onState, () => store.collection(spec));
      return {
        upsert: (points) => told(onState, () => inner.upsert(points)),
        delete: (ids) => told(onState, () => inner.delete(ids)),
        deleteWhere: (filter) => told(onState, () => inner.deleteWhere(filter)),
        search: (request) => told(onState, () => inner.search(request)),
        get: (ids) => told(onState, () => inner.get(ids)),
        scroll: (request) => told(onState, () => inner.scroll(request)),
        count: (filter) => told(onState, () => inner.count(filter)),
      };
    },
  };
}

/** Makes a call, and tells whether the store answered. A call that it refused was answered too. */
export async function told<T>(onState: (up: boolean) => void, call: () => Promise<T>): Promise<T> {
  try {
    const result = await call();
    onState(true);
    return result;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === "STORE_UNAVAILABLE") onState(false);
    throw thrown;
  }
}
