import { createServer } from "node:http";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { InMemorySpanExporter, type ReadableSpan } from "@opentelemetry/sdk-trace-node";
import Fastify, { type FastifyInstance } from "fastify";
import { Registry } from "prom-client";
import { request } from "undici";
import { openTracing, type Tracing } from "../../../src/operations/tracing/open-tracing";
import { traceRequests } from "../../../src/operations/tracing/trace-requests";
import { Chain, type ChainOptions } from "../../../src/tasks/shared/chain/chain";
import { ChainMetrics } from "../../../src/tasks/shared/chain/chain-metrics";

const CLIENT_TRACE = "0af7651916cd43dd8448eb211c80319c";
const CLIENT_SPAN = "b7ad6b7169203331";
const TRACEPARENT = `00-${CLIENT_TRACE}-${CLIENT_SPAN}-01`;

/** Keeps what it is given, also after it was shut down. */
class KeptSpans extends InMemorySpanExporter {
  readonly spans: ReadableSpan[] = [];
  override export(...[spans, done]: Parameters<InMemorySpanExporter["export"]>): void {
    this.spans.push(...spans);
    super.export(spans, done);
  }
}

const exporter = new KeptSpans();
let tracing: Tracing;
let app: FastifyInstance;
let url: string;
const engineHeaders: (string | string[] | undefined)[] = [];
const engine = createServer((incoming, response) => {
  engineHeaders.push(incoming.headers.traceparent);
  response.end("{}");
});

beforeAll(async () => {
  tracing = await openTracing({ endpoint: "http://127.0.0.1:4318", version: "1.2.3", exporter });
  await new Promise<void>((resolve) => engine.listen(0, "127.0.0.1", resolve));
  const address = engine.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const chainOptions: ChainOptions = {
    pack: () => [],
    countTokens: () => 7,
    observer: new ChainMetrics(new Registry()),
    onRetrievalError: () => {},
  };
  app = Fastify();
  await app.register(traceRequests);
  app.get("/healthz", async () => "ok");
  app.post("/til", async (incoming) => {
    const { signal } = new AbortController();
    const chain = new Chain(chainOptions, { task: "til", promptVersion: "v1", signal });
    const prompt = await chain.prompt([], async () => ({ messages: [], maxTokens: 1, temperature: 0 }));
    return chain.answer(prompt, async () => {
      const headers = { traceparent: String(incoming.headers.traceparent) };
      const response = await request(`http://127.0.0.1:${port}/v1/chat/completions?key=secret`, {
        method: "POST",
        headers,
      });
      return response.body.text();
    });
  });
  url = await app.listen({ port: 0, host: "127.0.0.1" });
});
afterAll(async () => {
  await app.close();
  engine.closeAllConnections();
  engine.close();
});

it("openTracing makes a request one trace, from the client's span to the engine's headers, and sends it at the end", async () => {
  await fetch(`${url}/healthz`);
  const body = JSON.stringify({ user: "jimin" });
  const headers = { "content-type": "application/json", traceparent: TRACEPARENT };
  await (await fetch(`${url}/til?explain=true`, { method: "POST", body, headers })).text();
  await tracing.close();

  const { spans } = exporter;
  const idOf = (span: ReadableSpan | undefined) => span?.spanContext().spanId;
  const [server, prompt, generate, call] = ["POST /til", "til prompt", "til generate", "POST /v1/chat/completions"].map(
    (name) => spans.find((span) => span.name === name),
  );
  expect(spans).toHaveLength(4);
  expect(new Set(spans.map((span) => span.spanContext().traceId))).toEqual(new Set([CLIENT_TRACE]));
  expect(server?.parentSpanContext?.spanId).toBe(CLIENT_SPAN);
  expect(prompt?.parentSpanContext?.spanId).toBe(idOf(server));
  expect(generate?.parentSpanContext?.spanId).toBe(idOf(server));
  expect(call?.parentSpanContext?.spanId).toBe(idOf(generate));
  // The engine continues the trace from the call, not from the client; and no query string is recorded.
  expect(engineHeaders).toEqual([`00-${CLIENT_TRACE}-${idOf(call)}-01`]);
  expect(JSON.stringify(spans.map((span) => span.attributes))).not.toMatch(/secret|explain/);
  expect(server?.attributes).toMatchObject({ "http.response.status_code": 200, "url.path": "/til" });
  expect(call?.attributes).toMatchObject({ "http.response.status_code": 200 });
  expect(generate?.attributes).toMatchObject({ "terrace.task": "til", "terrace.stage": "generate" });
  expect(server?.resource.attributes).toMatchObject({ "service.name": "terrace-gateway", "service.version": "1.2.3" });
});

it("openTracing loads no SDK without a collector, and closing does nothing", async () => {
  const off = await openTracing({ endpoint: undefined, version: "1" });
  expect(off.enabled).toBe(false);
  await off.close();
});
