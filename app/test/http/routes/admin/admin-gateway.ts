import { afterEach } from "@jest/globals";
import { PATHS } from "../../../../src/contract/endpoints";
import { type Behaviour, chunk, startEngine } from "../../../support/engine";
import { type GatewayOptions, type RunningGateway, startGateway } from "../../../support/gateway";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** An engine and a gateway before it, closed after the test. */
export async function startAdminGateway(behaviour: Behaviour, options: Partial<GatewayOptions> = {}) {
  const engine = await startEngine(behaviour);
  closers.push(() => engine.close());
  const gateway = await startGateway({ baseUrl: engine.baseUrl, ...options });
  closers.push(() => gateway.close());
  return { engine, gateway };
}

const NEWS_ANSWER = JSON.stringify({ summary: "A summary.", bullets: [], keywords: ["k"] });
const USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };

/** Answers with JSON to a request with a schema, otherwise with words; the gateway sends every request as a stream. */
export const ANSWER_NEWS: Behaviour = (asked, response) => {
  const content = asked.body.response_format === undefined ? "Hello you." : NEWS_ANSWER;
  response.setHeader("content-type", "text/event-stream");
  response.end(`${chunk(content, "stop")}data: ${JSON.stringify({ choices: [], usage: USAGE })}\n\ndata: [DONE]\n\n`);
};

/** A request below `/api/v1/admin`. */
export async function admin(gateway: Pick<RunningGateway, "url">, method: string, path: string, body?: unknown) {
  const response = await fetch(`${gateway.url}${PATHS.admin}${path}`, {
    method,
    ...(method !== "GET" && { headers: { "content-type": "application/json" }, body: JSON.stringify(body ?? {}) }),
  });
  return { status: response.status, body: await response.json() };
}

/** Text of `/metrics`. */
export async function metrics(gateway: Pick<RunningGateway, "url">): Promise<string> {
  return await (await fetch(gateway.url + PATHS.metrics)).text();
}
