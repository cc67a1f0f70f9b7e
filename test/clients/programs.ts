import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Library } from "../../testing/programs";

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
  /** What of it a machine may lack. */
  readonly needs: string | Library;
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

/** Ends with 0 where it is installed. Importing it takes a second. */
const HAS_OPENAI = "import importlib.util, sys; sys.exit(importlib.util.find_spec('openai') is None)";

const PYTHON: ClientProgram = {
  name: "openai-python",
  command: ["python3", join(HERE, "python/client.py")],
  needs: { name: "openai for Python", found: spawnSync("python3", ["-c", HAS_OPENAI]).status === 0 },
  errors: { ...OPENAI_ERRORS, timeout: "APITimeoutError" },
  keepsRetryAfter: true,
  lacks: [],
};

const GO: ClientProgram = {
  name: "openai-go",
  command: [GO_CLIENT],
  needs: GO_CLIENT,
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
    ...onNode("openai.mjs", "openai"),
    errors: { ...OPENAI_ERRORS, timeout: "APIConnectionTimeoutError" },
    keepsRetryAfter: true,
    lacks: [],
  },
  {
    name: "langchain",
    ...onNode("langchain.mjs", "@langchain/openai"),
    errors: { ...OPENAI_ERRORS, "too-long": "ContextOverflowError", timeout: "AbortError" },
    keepsRetryAfter: false,
    lacks: ["models"],
  },
  {
    name: "ai-sdk",
    ...onNode("ai-sdk.mjs", "@ai-sdk/openai-compatible"),
    errors: { broken: "Error", "wrong-key": "APICallError", "too-long": "APICallError", timeout: "DOMException" },
    keepsRetryAfter: true,
    lacks: ["models"],
  },
];

export const CLIENTS: readonly ClientProgram[] = [PYTHON, GO, ...NODE];

function onNode(script: string, library: string): Pick<ClientProgram, "command" | "needs"> {
  return {
    command: [process.execPath, join(NODE_FOLDER, script)],
    needs: { name: `${library} for Node`, found: existsSync(join(NODE_FOLDER, "node_modules", library)) },
  };
}
