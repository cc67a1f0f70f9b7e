import { parseArgs } from "node:util";
import { ADAPTER_MOUNT, PORTS } from "../../src/contract/endpoints";
import { ENV, RUNTIME_LORA_VARIABLE } from "../../src/contract/variables";
import type { SimulatorOptions } from "./options";

/** A command line, parsed. */
export type Command =
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "wrong"; readonly problem: string }
  | {
      readonly kind: "serve";
      readonly port: number;
      readonly host: string;
      readonly options: SimulatorOptions;
    };

type Kind = "switch" | "text" | "texts" | "whole" | "seconds" | "speed";

interface Flag {
  readonly kind: Kind;
  readonly about: string;
}

/** vLLM's flags under vLLM's names, then the simulator's own. */
const FLAGS = {
  model: { kind: "text", about: "model's name (gemma3-12b-it-gptq)" },
  "served-model-name": { kind: "texts", about: "names under which it is served (the model's)" },
  host: { kind: "text", about: "address to listen on (127.0.0.1)" },
  port: { kind: "whole", about: `port to listen on (${PORTS.engineBase})` },
  "api-key": { kind: "texts", about: "bearer token that /v1 wants" },
  "max-model-len": { kind: "whole", about: "tokens of prompt and answer together (8192)" },
  "max-num-seqs": { kind: "whole", about: "sequences in a batch (30)" },
  "max-num-batched-tokens": { kind: "whole", about: "tokens in a step (2048)" },
  "scheduling-policy": { kind: "text", about: "fcfs or priority (fcfs)" },
  "max-num-queued-reqs": { kind: "whole", about: "requests in flight from which one is answered 503" },
  "max-num-queued-tokens": { kind: "whole", about: "unread prompt tokens from which one is answered 503" },
  "no-enable-prefix-caching": { kind: "switch", about: "every prompt is read whole" },
  "enable-prompt-tokens-details": { kind: "switch", about: "usage says what the prefix cache had" },
  "enable-lora": { kind: "switch", about: "adapters can answer" },
  "max-loras": { kind: "whole", about: "adapters in one batch (1)" },
  "max-lora-rank": { kind: "whole", about: "greatest rank of an adapter (16)" },
  "enable-server-load-tracking": { kind: "switch", about: "/load counts" },
  "shutdown-timeout": { kind: "seconds", about: "seconds that SIGTERM leaves to what is in flight (0)" },
  speed: { kind: "speed", about: "times faster than one L4; 0 leaves all delays out (1)" },
  stepwise: { kind: "switch", about: "with --speed 0: sends each token by itself" },
  "lora-prefix": {
    kind: "texts",
    about: `prefix of object storage whose adapters exist (gs:// and ${ADAPTER_MOUNT}/)`,
  },
  faults: { kind: "switch", about: "opens /simulator/faults" },
  help: { kind: "switch", about: "this text" },
} as const satisfies Record<string, Flag>;

type Name = keyof typeof FLAGS;

/** Greatest speed: beyond it, 0 is meant. */
const MAX_SPEED = 1_000;
const LIMITS: Readonly<Record<"whole" | "seconds" | "speed", readonly [RegExp, number, string]>> = {
  whole: [/^\d+$/, Number.MAX_SAFE_INTEGER, "a whole number"],
  seconds: [/^\d+(\.\d+)?$/, 86_400, "seconds, from 0 to 86400"],
  speed: [/^\d+(\.\d+)?$/, MAX_SPEED, `a number from 0 to ${MAX_SPEED}`],
};

/** Reads the command line and what vLLM and the gateway's own variables set. */
export function readCommand(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Command {
  try {
    const values = new Values(args, env);
    return values.has("help") ? { kind: "help", text: helpText() } : serve(values, env);
  } catch (thrown) {
    return { kind: "wrong", problem: thrown instanceof Error ? (thrown.message.split("\n")[0] ?? "") : String(thrown) };
  }
}

function serve(values: Values, env: Readonly<Record<string, string | undefined>>): Command {
  const policy = values.text("scheduling-policy") ?? "fcfs";
  if (policy !== "fcfs" && policy !== "priority") {
    throw new Error(`--scheduling-policy ${policy}: must be fcfs or priority`);
  }
  const options: SimulatorOptions = {
    speed: values.number("speed") ?? 1,
    stepwise: values.has("stepwise"),
    model: values.text("model"),
    servedModelNames: values.texts("served-model-name"),
    apiKeys: values.texts("api-key"),
    maxModelLen: values.number("max-model-len"),
    maxNumSeqs: values.number("max-num-seqs"),
    maxNumBatchedTokens: values.number("max-num-batched-tokens"),
    schedulingPolicy: policy,
    maxNumQueuedReqs: values.number("max-num-queued-reqs"),
    maxNumQueuedTokens: values.number("max-num-queued-tokens"),
    enablePrefixCaching: !values.has("no-enable-prefix-caching"),
    enablePromptTokensDetails: values.has("enable-prompt-tokens-details"),
    enableLora: values.has("enable-lora"),
    maxLoras: values.number("max-loras"),
    maxLoraRank: values.number("max-lora-rank"),
    allowRuntimeLoraUpdating: /^(?:1|true)$/i.test(env[RUNTIME_LORA_VARIABLE] ?? ""),
    adapterPrefixes: values.texts("lora-prefix"),
    enableServerLoadTracking: values.has("enable-server-load-tracking"),
    shutdownTimeoutSeconds: values.number("shutdown-timeout"),
    faults: values.has("faults"),
  };
  const port = values.number("port") ?? PORTS.engineBase;
  if (port > 65_535) throw new Error(`--port ${port}: must be 0 to 65535`);
  return { kind: "serve", port, host: values.text("host") ?? "127.0.0.1", options };
}

/** `--flag a b` as `--flag a --flag b`, where a flag takes several values: vLLM's command line has the former. */
function repeated(args: readonly string[]): string[] {
  const spelled: string[] = [];
  let flag: string | undefined;
  for (const arg of args) {
    const named = /^--([^=]+)(=)?/.exec(arg);
    const isFurther = named === null && flag !== undefined && spelled.at(-1) !== `--${flag}`;
    if (isFurther) spelled.push(`--${flag}`);
    spelled.push(arg);
    if (named !== null) flag = named[2] === undefined && takesSeveral(named[1] ?? "") ? named[1] : undefined;
  }
  return spelled;
}

function takesSeveral(name: string): boolean {
  return Object.entries(FLAGS).some(([known, { kind }]) => known === name && kind === "texts");
}

/** Variables that are a flag's default. */
const FROM_ENV: Partial<Record<Name, string>> = {
  port: ENV.port,
  host: ENV.host,
  speed: ENV.simulatorSpeed,
  "api-key": ENV.vllmApiKey,
};

class Values {
  readonly #values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
  readonly #env: Readonly<Record<string, string | undefined>>;

  /** @throws Error for a flag that there is not */
  constructor(args: readonly string[], env: Readonly<Record<string, string | undefined>>) {
    const options = Object.fromEntries(
      Object.entries(FLAGS).map(([name, { kind }]) => [
        name,
        { type: kind === "switch" ? ("boolean" as const) : ("string" as const), multiple: kind === "texts" },
      ]),
    );
    this.#values = parseArgs({ args: repeated(args), options, allowPositionals: false }).values;
    this.#env = env;
  }

  has(name: Name): boolean {
    return this.#values[name] === true;
  }

  text(name: Name): string | undefined {
    const value = this.#values[name];
    if (typeof value === "string") return value;
    return this.#env[FROM_ENV[name] ?? ""] || undefined;
  }

  texts(name: Name): readonly string[] | undefined {
    const value = this.#values[name];
    if (Array.isArray(value)) return value.filter((item) => typeof item === "string");
    const single = this.text(name);
    return single === undefined ? undefined : [single];
  }

  /** @throws Error for what is no number, or too great a one */
  number(name: Name): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const { kind } = FLAGS[name];
    const [form, most, what] = LIMITS[kind === "speed" || kind === "seconds" ? kind : "whole"];
    if (form.test(text) && Number(text) <= most) return Number(text);
    const given = typeof this.#values[name] === "string" ? `--${name} ${text}` : `${FROM_ENV[name]}="${text}"`;
    throw new Error(`${given}: must be ${what}`);
  }
}

function helpText(): string {
  const lines = Object.entries(FLAGS).map(([name, { kind, about }]) => {
    const flag = kind === "switch" ? `--${name}` : `--${name} ${kind === "whole" || kind === "speed" ? "N" : "TEXT"}`;
    return `  ${flag.padEnd(34)}${about}`;
  });
  return [
    "npm run simulator -- [flags]",
    "A server with vLLM's API, the pace of one L4 and no model: its answers are extracted from the prompt.",
    `${RUNTIME_LORA_VARIABLE}=1 opens the routes that load adapters.`,
    "",
    ...lines,
  ].join("\n");
}
