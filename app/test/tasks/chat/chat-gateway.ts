import type { ServerResponse } from "node:http";
import { type Behaviour, startEngine } from "../../support/engine";
import { type GatewayOptions, startGateway } from "../../support/gateway";

export const PROMPT = [{ role: "user", content: "Hello there" }];

/** Engines and gateways of one test, closed after it in the reverse of the order in which they were opened. */
export class Opened {
  readonly #closers: (() => Promise<void>)[] = [];

  async engine(behaviour: Behaviour) {
    const engine = await startEngine(behaviour);
    this.#closers.push(() => engine.close());
    return engine;
  }

  async gateway(options: GatewayOptions) {
    const gateway = await startGateway(options);
    this.#closers.push(() => gateway.close());
    return gateway;
  }

  /** A gateway before one engine that behaves so. */
  async behind(behaviour: Behaviour, options: Partial<GatewayOptions> = {}) {
    const engine = await this.engine(behaviour);
    return { engine, gateway: await this.gateway({ baseUrl: engine.baseUrl, ...options }) };
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }
}

/** Reads a body piece by piece. */
export function pieces(response: Response) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  return {
    next: async () => (await reader?.read())?.value,
    /** What is left, to the end. */
    async rest() {
      let text = "";
      for (let step = await reader?.read(); step?.value !== undefined; step = await reader?.read()) text += step.value;
      return text;
    },
  };
}

/** Writes and waits until it is on its way. */
export function send(response: ServerResponse, text: string): Promise<void> {
  return new Promise((resolve) => {
    response.write(text, () => resolve());
  });
}

/** The value of a metric's line that begins so. */
export async function metric(url: string, line: string): Promise<number | undefined> {
  const page = await (await fetch(`${url}/metrics`)).text();
  const found = page.split("\n").find((each) => each.startsWith(`${line} `));
  return found === undefined ? undefined : Number(found.slice(line.length + 1));
}
