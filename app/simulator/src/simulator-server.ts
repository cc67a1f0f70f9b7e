import { createHash, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import { EngineState } from "./engine-state";
import type { FaultInput } from "./faults";
import { GenerationRoutes } from "./generation-routes";
import { httpServer } from "./http";
import type { LoadedAdapter } from "./loaded-adapters";
import { type SimulatorOptions, type SimulatorSettings, withDefaults } from "./options";
import { serviceRoutes } from "./service-routes";
import { VllmError } from "./vllm-error";

export interface Simulator {
  /** Starts to listen. @returns its address, such as `http://127.0.0.1:8100` */
  listen(address: { readonly port: number; readonly host: string }): Promise<string>;
  /**
   * Ends what is in flight, after `shutdownTimeoutSeconds` at the latest. Until then, as with vLLM, it still listens and
   * `/health` is 200; what would be generated is answered 500.
   */
  close(): Promise<void>;
  /** Makes something go wrong. @throws ZodError for a fault that there is not */
  inject(fault: FaultInput): void;
  /** Calls off the faults that have not happened, and ends slowness. */
  clearFaults(): void;
  /** The adapters that the engine has now. */
  readonly adapters: readonly LoadedAdapter[];
  /** Generations in flight. */
  readonly load: number;
}

/**
 * A server that speaks the HTTP API of vLLM 0.33 as far as a generating model has one, with the pace of one L4 and
 * answers extracted from the prompt. Every answer is marked as simulated: by the header `x-simulated`, and by
 * `system_fingerprint`. Several can run side by side. Not yet listening.
 */
export function buildSimulator(options: SimulatorOptions): Simulator {
  const settings = withDefaults(options);
  const engine: EngineState = new EngineState(settings, () => generation.forget());
  const generation = new GenerationRoutes(settings, engine);
  if (!engine.gpu.couldHold(settings.maxModelLen)) {
    throw new Error(`A sequence of maxModelLen ${settings.maxModelLen} tokens needs more than the whole KV cache.`);
  }
  const authorize = bearerGuard(settings.apiKeys);
  const server = httpServer({
    routes: new Map([...generation.handlers, ...serviceRoutes(settings, engine)]),
    headers: { "x-simulated": "true" },
    guard(request, path) {
      if (path.startsWith("/v1")) authorize(request);
    },
  });
  return {
    async listen({ port, host }) {
      server.listen(port, host);
      await once(server, "listening");
      return addressOf(server);
    },
    close: () => stop(server, engine, settings),
    inject: (fault) => engine.faults.inject(fault),
    clearFaults: () => engine.faults.clear(),
    get adapters() {
      return engine.adapters.loaded;
    },
    get load() {
      return engine.load;
    },
  };
}

/** vLLM's own shape of a refusal, which is not that of its other errors. */
class Unauthorized extends VllmError {
  constructor() {
    super(401, "Unauthorized", "Unauthorized");
  }

  override toJSON(): unknown {
    return { error: "Unauthorized" };
  }
}

function bearerGuard(apiKeys: readonly string[]): (request: IncomingMessage) => void {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const known = apiKeys.map(digest);
  return ({ headers }) => {
    if (known.length === 0) return;
    const given = /^bearer (.*)$/i.exec(headers.authorization ?? "")?.[1];
    const hash = digest(given ?? "");
    const matches = known.filter((key) => timingSafeEqual(key, hash)).length;
    if (given === undefined || matches === 0) throw new Unauthorized();
  };
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The simulator listens on no TCP port.");
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

async function stop(server: Server, engine: EngineState, { shutdownTimeoutSeconds }: SimulatorSettings): Promise<void> {
  engine.drain();
  if (shutdownTimeoutSeconds > 0) await engine.idle(shutdownTimeoutSeconds * 1_000);
  const closed = server.listening ? once(server, "close") : Promise.resolve();
  server.close();
  engine.gpu.reset("abort");
  server.closeAllConnections();
  await closed;
}
