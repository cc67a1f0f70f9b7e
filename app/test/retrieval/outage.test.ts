import { afterEach, expect } from "@jest/globals";
import { z } from "zod";
import type { PassageMetadata } from "../../src/retrieval/passage";
import { pointId } from "../../src/retrieval/point-id";
import { openQdrantStore } from "../../src/retrieval/qdrant-store";
import { TIL_BODY } from "../support/bodies";
import { startSimulatedGateway } from "../support/gateway";
import { qdrantServers } from "../support/qdrant";
import { testRetrieval } from "../support/retrieval";

const qdrants = qdrantServers();

const METADATA: PassageMetadata = {
  user: "jimin",
  repo: ["shop-api"],
  date: "2026-11-19",
  domain: "commit",
  language: "ko",
  title: "cart",
};

const answerSchema = z.object({
  warnings: z.array(z.string()),
  sources: z.array(z.object({ id: z.string() })),
  explain: z.object({ retrieval: z.string(), embedder: z.string() }),
});

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

qdrants.it(
  "POST /api/til uses earlier notes from Qdrant, and answers without them, with a warning, once Qdrant is gone",
  async () => {
    const server = await qdrants.start();
    closers.push(() => server.close());
    const states: boolean[] = [];
    const store = await openQdrantStore(server);
    const retrieval = testRetrieval({ store, onState: (up) => states.push(up) });
    closers.push(() => retrieval.close());
    const gateway = await startSimulatedGateway({ retrieval });
    closers.push(() => gateway.close());
    const id = pointId("note");
    await retrieval.knowledge.add({ id, text: "Cache cart totals in Redis: src/cart.ts", metadata: METADATA });

    const write = async () => {
      const response = await gateway.post("/til?explain=true", TIL_BODY);
      expect(response.status).toBe(200);
      return answerSchema.parse(await response.json());
    };
    const before = await write();
    expect(before.sources.map((source) => source.id)).toEqual([id]);
    expect(before.explain).toEqual({ retrieval: "used", embedder: "hashed-ngrams-v1" });
    expect(before.warnings).not.toContain("RETRIEVAL_UNAVAILABLE");

    await server.close();
    const after = await write();
    expect(after.sources).toEqual([]);
    expect(after.explain.retrieval).toBe("unavailable");
    expect(after.warnings).toContain("RETRIEVAL_UNAVAILABLE");
    expect(states.at(-1)).toBe(false);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toContain('gateway_stage_errors_total{task="til",stage="retrieve"} 1');
  },
);
