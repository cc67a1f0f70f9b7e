import { buildSimulator, type Simulator } from "./simulator-server";

export interface EmbeddedOptions {
  /** How many times faster than one L4; 0 leaves every delay out. */
  readonly speed: number;
  /** `--max-loras` that the gateway counts on. */
  readonly maxLoras: number;
}

/**
 * The engine of a gateway that is given none, started as the gateway needs its engines: with adapters and priorities.
 */
export function embeddedSimulator({ speed, maxLoras }: EmbeddedOptions): Simulator {
  return buildSimulator({
    speed,
    schedulingPolicy: "priority",
    enableLora: true,
    maxLoras: Math.max(1, maxLoras),
    allowRuntimeLoraUpdating: true,
    enablePromptTokensDetails: true,
  });
}
