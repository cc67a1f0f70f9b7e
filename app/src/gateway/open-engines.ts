import { embeddedSimulator } from "../../simulator/src/embedded";
import { L4_GEMMA_12B } from "../../simulator/src/timing";
import type { Config } from "../config/config";
import { type ModelTable, singleModelTable } from "../config/model-table";

export interface Engines {
  readonly table: ModelTable;
  readonly simulated: boolean;
  readonly close: () => Promise<void>;
}

/** The configured engines, or the simulator on a loopback port of its own. */
export async function openEngines({ engine, adapters }: Pick<Config, "adapters" | "engine">): Promise<Engines> {
  if (engine.kind === "engines") return { table: engine.table, simulated: false, close: async () => {} };
  const simulator = embeddedSimulator({ speed: engine.speed, maxLoras: adapters.maxLoras });
  const address = await simulator.listen({ port: 0, host: "127.0.0.1" });
  const target = { baseUrl: `${address}/v1`, model: L4_GEMMA_12B.model, concurrency: engine.concurrency };
  return {
    table: singleModelTable(target),
    simulated: true,
    close: async () => {
      await simulator.close();
    },
  };
}
