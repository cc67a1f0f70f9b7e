import type { HealthCheck } from "../operations/health/health-check";
import type { WarmUp } from "../operations/health/warm-up";
import type { Retrieval } from "../retrieval/retrieval";

/** Whether the vector store answers, where it is a server; an embedded one lives and dies with this process. */
export function retrievalChecks(retrieval: Pick<Retrieval, "storeKind" | "ping">): HealthCheck[] {
  if (retrieval.storeKind !== "qdrant") return [];
  return [
    {
      name: "vectors",
      async check(signal) {
        await retrieval.ping(signal);
        return { ok: true, reason: "qdrant answers" };
      },
    },
  ];
}

/** One embedding and one call to the vector store before the first request. Nothing depends on them: answers are made without context too. */
export function embeddingWarmUp(retrieval: Pick<Retrieval, "warmUp">): WarmUp {
  return { name: "embedding", need: "none", run: (signal) => retrieval.warmUp(signal) };
}
