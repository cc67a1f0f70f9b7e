import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { installed } from "../../testing/installed";
import { isThere } from "../../testing/programs";

/** The type that a client gives an error, by scene. */
export interface ClientErrors {
  readonly broken: string;
  readonly "wrong-key": string;
  readonly "too-long": string;
  readonly timeout: string;
}

/** A public client of OpenAI's API, in a small program of ours that runs scenes with it. */
export interface ClientProgram {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly errors: ClientErrors;
  /** Whether it waits for as long as `Retry-After` says; LangChain has a backoff of its own. */
  readonly keepsRetryAfter: boolean;
  /** Scenes that it has no call for. */
  readonly lacks: readonly string[];
}

const HERE = __dirname;
const NODE_FOLDER = join(HERE, "node");
/** `.ci/run` builds it out of `go/`. */
const GO_CLIENT = "terrace-openai-go";

/** Of OpenAI's own clients for Python and Node. */
const OPENAI_ERRORS = {
  broken: "APIError",
  "wrong-key": "AuthenticationError",
  "too-long": "BadRequestError",
} as const;

const PYTHON: ClientProgram = {
  name: "openai-python",
  command: ["python3", join(HERE, "python/client.py")],
  errors: { ...OPENAI_ERRORS, timeout: "APITimeoutError" },
  keepsRetryAfter: true,
  lacks: [],
};

const GO: ClientProgram = {
  name: "openai-go",
  command: [GO_CLIENT],
  errors: {
    broken: "*ssestream.StreamError",
    "wrong-key": "openai.Error",
    "too-long": "openai.Error",
    timeout: "context.DeadlineExceeded",
  },
  keepsRetryAfter: true,
  lacks: [],
};

const NODE: readonly ClientProgram[] = [
  {
    name: "openai-node",
    ...onNode("openai.mjs"),
    errors: { ...OPENAI_ERRORS, timeout: "APIConnectionTimeoutError" },
    keepsRetryAfter: true,
    lacks: [],
  },
  {
    name: "langchain",
    ...onNode("langchain.mjs"),
    errors: { ...OPENAI_ERRORS, "too-long": "ContextOverflowError", timeout: "AbortError" },
    keepsRetryAfter: false,
    lacks: ["models"],
  },
  {
    name: "ai-sdk",
    ...onNode("ai-sdk.mjs"),
    errors: { broken: "Error", "wrong-key": "APICallError", "too-long": "APICallError", timeout: "DOMException" },
    keepsRetryAfter: true,
    lacks: ["models"],
  },
];

/** The clients that this machine has. Of each other one line says so; where all are required that is an error. */
export function installedClients(): readonly ClientProgram[] {
  const python = isThere("openai for Python", spawnSync("python3", ["-c", "import openai"]).status === 0);
  const go = isThere(GO_CLIENT, installed(GO_CLIENT));
  const node = isThere("npm ci --prefix test/clients/node", existsSync(join(NODE_FOLDER, "node_modules/openai")));
  return [...(python ? [PYTHON] : []), ...(go ? [GO] : []), ...(node ? NODE : [])];
}

function onNode(script: string): Pick<ClientProgram, "command"> {
  return { command: [process.execPath, join(NODE_FOLDER, script)] };
}
