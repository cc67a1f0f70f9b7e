import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";

const bodySchema = z.looseObject({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  max_tokens: z.number(),
  stream: z.boolean().optional(),
  response_format: z.unknown().optional(),
});

/** A request that an engine under test received. */
export interface Asked {
  readonly body: z.output<typeof bodySchema>;
  readonly headers: IncomingMessage["headers"];
  /** Resolves when the gateway drops the connection before the answer is complete. */
  readonly dropped: Promise<void>;
}

export type Behaviour = (asked: Asked, response: ServerResponse, attempt: number) => void | Promise<void>;

export interface EngineOptions {
  /** @default 127.0.0.1 */
  readonly host?: string;
  /** @default a free one */
  readonly port?: number;
  /** What `/v1/models` lists. @default one model "m" */
  readonly models?: readonly Readonly<Record<string, unknown>>[];
  /** Answers of other paths under `/v1`, such as `load_lora_adapter`. @default 404 */
  readonly others?: (path: string, body: unknown, response: ServerResponse) => void;
}

/** An engine whose behaviour the test sets. `/v1/models` answers until the test changes that. */
export async function startEngine(behaviour: Behaviour, options: EngineOptions = {}) {
  const { host = "127.0.0.1", port = 0, models = [{ id: "m" }], others } = options;
  const asked: Asked[] = [];
  let hung = false;
  const server = createServer(async (request, response) => {
    if (hung) return fail(response, 500);
    if (request.url === "/v1/models") {
      response.setHeader("content-type", "application/json").end(JSON.stringify({ data: models }));
      return;
    }
    // Without a body there is nothing to behave on: `/metrics`, which not every engine has.
    if (request.method === "GET") return fail(response, 404);
    if (others !== undefined && request.url !== "/v1/chat/completions") {
      others((request.url ?? "").replace("/v1/", ""), JSON.parse(await text(request)), response);
      return;
    }
    const dropped = new Promise<void>((resolve) => {
      response.on("close", () => {
        if (!response.writableFinished) resolve();
      });
    });
    const entry = { body: bodySchema.parse(JSON.parse(await text(request))), headers: request.headers, dropped };
    asked.push(entry);
    await behaviour(entry, response, asked.length);
  });
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return {
    baseUrl: `http://${host}:${address.port}/v1`,
    port: address.port,
    asked,
    /** From now on every request fails, or no longer does. */
    hang(value: boolean) {
      hung = value;
    },
    async close() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

const USAGE = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

/** Answers a chat request with this text. */
export function say(response: ServerResponse, content: string): void {
  const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
  response.setHeader("content-type", "application/json").end(JSON.stringify({ choices, usage: USAGE }));
}

/** Answers with an error status, a header or two and a body that must never reach a client. */
export function fail(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers).end("SECRET-UPSTREAM-BODY");
}

/** One streamed chunk of text. */
export function chunk(content: string, finishReason: string | null = null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finishReason }] })}\n\n`;
}

export const TIL_ANSWER = JSON.stringify({ title: "Title", content: "# Content", keywords: ["one", "two"] });
