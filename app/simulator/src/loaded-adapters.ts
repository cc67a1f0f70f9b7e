import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Faults } from "./faults";
import { badRequest, VllmError } from "./vllm-error";

/** A LoRA adapter that the engine has. */
export interface LoadedAdapter {
  readonly name: string;
  readonly path: string;
}

export interface LoadedAdaptersOptions {
  /** vLLM's `--enable-lora`. */
  readonly enabled: boolean;
  /** vLLM's `--max-lora-rank`. */
  readonly maxRank: number;
  /** Names that an adapter's `base_model_name_or_path` may have. */
  readonly baseModels: readonly string[];
  /** Prefixes of object storage, or of where it is mounted, whose adapters are taken to exist. */
  readonly prefixes: readonly string[];
  readonly faults: Faults;
  /** Called when an adapter was loaded or unloaded. */
  readonly onChange: () => void;
}

/** PEFT's file beside an adapter's weights, as far as vLLM checks it. */
const configSchema = z.object({ r: z.number().optional(), base_model_name_or_path: z.string().nullish() });

/** The adapters of one engine. As vLLM, it keeps them in the process alone: a restart forgets them. */
export class LoadedAdapters {
  readonly #options: LoadedAdaptersOptions;
  readonly #loaded = new Map<string, LoadedAdapter>();

  constructor(options: LoadedAdaptersOptions) {
    this.#options = options;
  }

  get loaded(): readonly LoadedAdapter[] {
    return [...this.#loaded.values()];
  }

  has(name: string): boolean {
    return this.#loaded.has(name);
  }

  /**
   * @returns vLLM's sentence of success
   * @throws VllmError 400 for one that is loaded already, does not fit the model or finds LoRA off; 404 for one that is
   *   not there
   */
  load(name: string, path: string, inPlace: boolean): string {
    if (name === "" || path === "") throw invalidInput("Both 'lora_name' and 'lora_path' must be provided.");
    if (this.#loaded.has(name) && !inPlace) {
      throw invalidInput(
        `The lora adapter '${name}' has already been loaded. If you want to load the adapter in place, set ` +
          "'load_inplace' to True.",
      );
    }
    if (!this.#options.enabled) throw badRequest("Call to add_lora failed: LoRA is not enabled.");
    this.#check(name, path);
    this.#loaded.set(name, { name, path });
    this.#options.onChange();
    return `Success: LoRA adapter '${name}' added successfully.`;
  }

  /** @throws VllmError 404 */
  unload(name: string): string {
    if (name === "") throw invalidInput("'lora_name' needs to be provided to unload a LoRA adapter.");
    if (!this.#loaded.delete(name)) {
      throw new VllmError(404, "NotFoundError", `The lora adapter '${name}' cannot be found.`);
    }
    this.#options.onChange();
    return `Success: LoRA adapter '${name}' removed successfully.`;
  }

  clear(): void {
    this.#loaded.clear();
    this.#options.onChange();
  }

  #check(name: string, path: string): void {
    const failed = `Loading lora ${name} failed`;
    const fault = this.#options.faults.nextAdapter();
    if (fault?.reason === "out-of-memory") throw badRequest(`${failed}: CUDA out of memory.`);
    if (fault !== undefined) throw badRequest(`${failed}: the adapter's base model is not the served one.`);
    if (this.#options.prefixes.some((prefix) => path.startsWith(prefix))) return;
    const file = join(path, "adapter_config.json");
    if (!existsSync(file)) throw new VllmError(404, "NotFoundError", `${failed}: No adapter found for ${path}`);
    const config = configSchema.safeParse(parsed(file)).data;
    if (config === undefined) throw badRequest(`${failed}: adapter_config.json cannot be read.`);
    const { r = 8, base_model_name_or_path: base } = config;
    if (r > this.#options.maxRank) {
      throw badRequest(`LoRA rank ${r} is greater than max_lora_rank ${this.#options.maxRank}.`);
    }
    if (base != null && !this.#options.baseModels.includes(base)) {
      throw badRequest(`${failed}: the adapter was trained on ${base}.`);
    }
  }
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function invalidInput(message: string): VllmError {
  return new VllmError(400, "InvalidUserInput", message);
}
