import { join } from "node:path";
import { ADAPTER_MOUNT } from "../../../app/src/contract/endpoints";
import type { ModelTableEntry, RequiredTask } from "../../../app/src/contract/tasks";
import { ENV, RUNTIME_LORA_VARIABLE } from "../../../app/src/contract/variables";
import { freePort } from "../../../testing/free-port";
import { type Background, startInBackground } from "./background";
import type { LocalTarget } from "./prometheus-config";

export interface SimulatedEngineOptions {
  /** Names it in metrics and alerts. */
  readonly instance: string;
  /** Path of the simulator's launcher. */
  readonly launcher: string;
  /** Where its log goes. */
  readonly folder: string;
  /** Times faster than one L4; 0 leaves all delays out. */
  readonly speed: string;
  /** Preferred. @default any */
  readonly port?: number;
  readonly model: string;
}

/** An engine in a process of its own: what dies with it and what is scraped is as on a machine of its own. */
export interface SimulatedEngine {
  readonly target: LocalTarget;
  /** Without a slash at its end. */
  readonly url: string;
  readonly process: Background;
}

/** Adapters that the embedded simulator holds as well. Source: R-34. */
const MAX_LORAS = 4;

/** The same engine as the gateway embeds, with the route `/simulator/faults` open. */
export async function startSimulatedEngine(options: SimulatedEngineOptions): Promise<SimulatedEngine> {
  const { instance, launcher, folder, speed, model } = options;
  const port = await freePort(options.port);
  const address = `127.0.0.1:${port}`;
  const process_ = await startInBackground({
    name: instance,
    command: process.execPath,
    args: [
      ...[launcher, "--port", String(port), "--host", "127.0.0.1", "--speed", speed, "--faults"],
      ...["--scheduling-policy", "priority", "--enable-prompt-tokens-details"],
      ...["--enable-lora", "--max-loras", String(MAX_LORAS), "--lora-prefix", `${ADAPTER_MOUNT}/`],
      ...["--model", model],
    ],
    env: { PATH: process.env.PATH, [RUNTIME_LORA_VARIABLE]: "1" },
    logFile: join(folder, `${instance}.log`),
    readyUrl: `http://${address}/health`,
  });
  return { target: { job: "vllm", instance, address }, url: `http://${address}`, process: process_ };
}

/** An entry of `MODEL_TABLE` with several engines: what the table takes beside the contract's single URL. */
export interface EnginesEntry extends Omit<ModelTableEntry, "baseUrl"> {
  readonly baseUrls: readonly string[];
}

/** Variables that point a gateway at these engines. */
export function engineVariables(table: Readonly<Record<RequiredTask, EnginesEntry>>): Readonly<Record<string, string>> {
  return { [ENV.modelTable]: JSON.stringify(table), [ENV.enginePriority]: "true" };
}

/** The engines' entry for a task. */
export function engineEntry(engines: readonly SimulatedEngine[], model: string, concurrency: number): EnginesEntry {
  return { baseUrls: engines.map(({ url }) => `${url}/v1`), model, concurrency };
}
