import type { NewAdapter } from "../../../src/engines/adapters/adapter-repository";
import { AdapterService, type AdapterServiceOptions } from "../../../src/engines/adapters/adapter-service";
import type { EngineHost } from "../../../src/engines/adapters/engine-host";
import { PostgresAdapterRepository } from "../../../src/engines/adapters/postgres-adapter-repository";
import type { Sql } from "../../../src/stores/postgres/database";

/** The adapters of a gateway over a test's database and engines, looking around every few milliseconds. */
export function startAdapters(sql: Sql, hosts: readonly EngineHost[], options: Partial<AdapterServiceOptions> = {}) {
  return new AdapterService({
    repository: new PostgresAdapterRepository(sql),
    hosts: { hostsOf: (model) => (model === "base" ? hosts : []) },
    modelOf: () => "base",
    prefixes: ["gs://adapters/"],
    maxLoras: 4,
    log: { info: () => {}, warn: () => {} },
    followMs: 10,
    ...options,
  });
}

/** A registration of that version for `commit`, everybody's unless an owner is given. */
export function version(number: number, fields: Partial<NewAdapter> = {}): NewAdapter {
  return {
    name: `${fields.owner ?? "all"}-commit-v${number}`,
    baseModel: "base",
    version: number,
    uri: `gs://adapters/commit/v${number}`,
    sha256: "a".repeat(64),
    owner: null,
    domain: "commit",
    ...fields,
  };
}

/** Milliseconds until a condition must hold. Sixty answers took more than 10 s on two cores busy with other suites. */
const PATIENCE_MS = 30_000;

/** Resolves as soon as it holds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${PATIENCE_MS} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
