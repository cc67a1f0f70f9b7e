import { storeUnavailable } from "./store-errors";
import type { VectorStore } from "./vector-store";

/** In a vector store's place where there is none: every call is refused as unavailable. */
export function absentVectorStore(): VectorStore {
  const refuse = async () => {
    throw storeUnavailable("The vector store", new Error("there is none here"));
  };
  return { kind: "absent", collection: refuse, ping: refuse, close: async () => {} };
}
