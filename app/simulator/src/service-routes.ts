import { SIMULATOR_FINGERPRINT } from "../../src/contract/endpoints";
import type { EngineState } from "./engine-state";
import { faultSchema } from "./faults";
import { type Handler, type HttpExchange, readJson, sendJson, sendText } from "./http";
import type { SimulatorSettings } from "./options";
import { BODIES, readBody } from "./requests";
import { conversationTokens, fromTokens, tokenId, toTokens } from "./tokenizer";
import { unknownModel } from "./vllm-error";

/** The vLLM whose surface is imitated. */
const VLLM_VERSION = "0.33.0";
const STARTED_SECONDS = Math.floor(Date.now() / 1_000);

const PERMISSION = {
  id: `modelperm-${SIMULATOR_FINGERPRINT}`,
  object: "model_permission",
  created: STARTED_SECONDS,
  allow_create_engine: false,
  allow_sampling: true,
  allow_logprobs: true,
  allow_search_indices: false,
  allow_view: true,
  allow_fine_tuning: false,
  organization: "*",
  group: null,
  is_blocking: false,
};

/** Every route that generates nothing. */
export function serviceRoutes(settings: SimulatorSettings, engine: EngineState): [string, Handler][] {
  const health: Handler = ({ response }) => response.writeHead(engine.isDead ? 503 : 200).end();
  const routes: [string, Handler][] = [
    ["GET /health", health],
    ["GET /ping", health],
    ["POST /ping", health],
    ["GET /version", ({ response }) => sendJson(response, { version: VLLM_VERSION, simulated: true })],
    [
      "GET /load",
      ({ response }) => sendJson(response, { server_load: settings.enableServerLoadTracking ? engine.load : 0 }),
    ],
    [
      "GET /metrics",
      ({ response }) => sendText(response, engine.metrics.text(), "text/plain; version=0.0.4; charset=utf-8"),
    ],
    ["GET /v1/models", ({ response }) => sendJson(response, modelList(settings, engine))],
    ["POST /tokenize", (exchange) => tokenize(exchange, settings, engine)],
    ["POST /detokenize", (exchange) => detokenize(exchange, settings, engine)],
  ];
  return [
    ...routes,
    ...(settings.allowRuntimeLoraUpdating ? adapterRoutes(engine) : []),
    ...(settings.faults ? faultRoutes(engine) : []),
  ];
}

function modelList(settings: SimulatorSettings, { adapters }: EngineState) {
  const common = { object: "model", created: STARTED_SECONDS, owned_by: SIMULATOR_FINGERPRINT };
  const served = settings.servedModelNames.map((id) => ({
    id,
    ...common,
    root: settings.model,
    parent: null,
    max_model_len: settings.maxModelLen,
    permission: [PERMISSION],
  }));
  const loaded = adapters.loaded.map(({ name, path }) => ({
    id: name,
    ...common,
    root: path,
    parent: settings.servedModelName,
    max_model_len: null,
    permission: [PERMISSION],
  }));
  return { object: "list", data: [...served, ...loaded] };
}

function checkModel(name: string | null | undefined, settings: SimulatorSettings, { adapters }: EngineState): void {
  const { servedModelNames: served } = settings;
  if (name != null && !served.includes(name) && !adapters.has(name)) throw unknownModel(name, served);
}

function tokenize(exchange: HttpExchange, settings: SimulatorSettings, engine: EngineState): void {
  const body = readBody(BODIES.tokenize, readJson(exchange));
  checkModel(body.model, settings, engine);
  const tokens =
    "messages" in body
      ? conversationTokens(body.messages)
      : [...(body.add_special_tokens ? ["<bos>"] : []), ...toTokens(body.prompt)];
  sendJson(exchange.response, {
    count: tokens.length,
    max_model_len: settings.maxModelLen,
    tokens: tokens.map(tokenId),
    token_strs: body.return_token_strs ? tokens : null,
  });
}

function detokenize(exchange: HttpExchange, settings: SimulatorSettings, engine: EngineState): void {
  const body = readBody(BODIES.detokenize, readJson(exchange));
  checkModel(body.model, settings, engine);
  sendJson(exchange.response, { prompt: fromTokens(body.tokens) });
}

function adapterRoutes({ adapters }: EngineState): [string, Handler][] {
  return [
    [
      "POST /v1/load_lora_adapter",
      (exchange) => {
        const { lora_name, lora_path, load_inplace } = readBody(BODIES.loadAdapter, readJson(exchange));
        sendText(exchange.response, adapters.load(lora_name, lora_path, load_inplace));
      },
    ],
    [
      "POST /v1/unload_lora_adapter",
      (exchange) => {
        const { lora_name } = readBody(BODIES.unloadAdapter, readJson(exchange));
        sendText(exchange.response, adapters.unload(lora_name));
      },
    ],
  ];
}

/** Not vLLM's: injects faults, for tests and demonstrations. */
function faultRoutes({ faults }: EngineState): [string, Handler][] {
  const list: Handler = ({ response }) => sendJson(response, { pending: faults.pending });
  return [
    ["GET /simulator/faults", list],
    [
      "POST /simulator/faults",
      (exchange) => {
        faults.inject(readBody(faultSchema, readJson(exchange)));
        list(exchange);
      },
    ],
    [
      "DELETE /simulator/faults",
      (exchange) => {
        faults.clear();
        list(exchange);
      },
    ],
  ];
}
