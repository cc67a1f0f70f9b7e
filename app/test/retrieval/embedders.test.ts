import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { CachedEmbedder } from "../../src/retrieval/cached-embedder";
import type { Embedder } from "../../src/retrieval/embedder";
import { HttpEmbedder, type HttpEmbedderOptions } from "../../src/retrieval/http-embedder";

const bodySchema = z.strictObject({
  model: z.string(),
  input: z.array(z.string()),
  encoding_format: z.literal("float"),
});

interface Asked {
  readonly input: readonly string[];
  readonly headers: IncomingMessage["headers"];
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Answers with `[length, 1, 0]` for each text, in reverse order, by default. */
async function server(behaviour: (asked: Asked, response: ServerResponse, attempt: number) => boolean = () => false) {
  const asked: Asked[] = [];
  const listener = createServer(async (request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.url === "/v1/models")
      return void response.end(JSON.stringify({ data: [{ id: "first" }, { id: "second" }] }));
    const { input } = bodySchema.parse(JSON.parse(await text(request)));
    const entry = { input, headers: request.headers };
    asked.push(entry);
    if (behaviour(entry, response, asked.length)) return;
    const data = input.map((item, index) => ({ object: "embedding", index, embedding: [item.length, 1, 0] }));
    response.end(JSON.stringify({ object: "list", data: data.reverse(), usage: {} }));
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  closers.push(async () => {
    listener.closeAllConnections();
    await new Promise((resolve) => listener.close(resolve));
  });
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const connect = async (options: Partial<HttpEmbedderOptions> = {}) => {
    const embedder = await HttpEmbedder.connect({ baseUrl: `http://127.0.0.1:${port}/v1`, model: "m", ...options });
    closers.push(() => embedder.close());
    return embedder;
  };
  return { asked, connect };
}

describe("HttpEmbedder", () => {
  it("reads dimension and name from the server, and keeps the order of texts over batches", async () => {
    const { asked, connect } = await server();
    const embedder = await connect({ model: undefined, apiKey: "key" });
    expect(embedder).toMatchObject({ id: "first", dim: 3 });
    const texts = Array.from({ length: 70 }, (_, index) => "x".repeat(index + 1));
    const vectors = await embedder.embed(texts, "passage");
    expect(vectors.map((vector) => Math.round((vector[0] ?? 0) / (vector[1] ?? 1)))).toEqual(
      texts.map(({ length }) => length),
    );
    expect(asked.map(({ input }) => input.length)).toEqual([1, 32, 32, 6]);
    expect(asked[1]?.headers.authorization).toBe("Bearer key");
  });

  it("prefixes texts for E5 models, and for no others", async () => {
    const { asked, connect } = await server();
    const e5 = await connect({ model: "intfloat/multilingual-e5-small" });
    await e5.embed(["a"], "query");
    await e5.embed(["a"], "passage");
    await (await connect({ model: "jhgan/ko-sbert-multitask" })).embed(["a", " "], "query");
    expect(asked.map(({ input }) => input).filter(([first]) => first !== "probe")).toEqual([
      ["query: a"],
      ["passage: a"],
      ["a", " "],
    ]);
  });

  it("retries failures that may pass", async () => {
    const { asked, connect } = await server((_asked, response, attempt) => {
      if (attempt === 2) response.writeHead(429).end();
      if (attempt === 3) response.destroy();
      return attempt === 2 || attempt === 3;
    });
    const embedder = await connect();
    expect(await embedder.embed(["abc"], "query")).toHaveLength(1);
    expect(asked).toHaveLength(4);
  });

  it.each([
    ["a refusal, once", 1, (response: ServerResponse) => void response.writeHead(400).end("SECRET")],
    ["an error, three times", 3, (response: ServerResponse) => void response.writeHead(500).end("SECRET")],
    ["rubbish, once", 1, (response: ServerResponse) => void response.end('{"data":[{"index":0}]}')],
    ["too few vectors, once", 1, (response: ServerResponse) => void response.end('{"data":[]}')],
    [
      "another dimension, once",
      1,
      (response: ServerResponse) => void response.end('{"data":[{"index":0,"embedding":[1]}]}'),
    ],
  ])("throws STORE_UNAVAILABLE for %s", async (_name, times, behave) => {
    const { asked, connect } = await server(({ input }, response) => {
      if (input[0] === "probe") return false;
      behave(response);
      return true;
    });
    const embedder = await connect();
    const error = embedder.embed(["abc"], "query");
    await expect(error).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", status: 503 });
    await expect(error).rejects.not.toThrow("SECRET");
    expect(asked).toHaveLength(1 + times);
  });

  it("gives a hanging server up, and stops for a caller that leaves", async () => {
    const { connect } = await server(({ input }) => input[0] !== "probe");
    const embedder = await connect({ timeoutMs: 40 });
    await expect(embedder.embed(["abc"], "query")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    const patient = await connect({ timeoutMs: 60_000 });
    const leaving = new AbortController();
    const asked = patient.embed(["abc"], "query", leaving.signal);
    leaving.abort(new Error("left"));
    await expect(asked).rejects.toThrow("left");
  });
});

describe("CachedEmbedder", () => {
  function counted() {
    const texts: string[] = [];
    const inner: Embedder = {
      id: "counted",
      dim: 1,
      async embed(asked) {
        texts.push(...asked);
        return asked.map((item) => Float32Array.of(Number(item)));
      },
    };
    return { texts, cached: new CachedEmbedder(inner) };
  }

  it("embeds each text once, in one request, and keeps queries and passages apart", async () => {
    const { texts, cached } = counted();
    const numbers = (vectors: readonly Float32Array[]) => vectors.map(([value]) => value);
    expect(numbers(await cached.embed(["1", "2", "1"], "query"))).toEqual([1, 2, 1]);
    expect(numbers(await cached.embed(["2", "3"], "query"))).toEqual([2, 3]);
    expect(texts).toEqual(["1", "2", "3"]);
    await cached.embed(["1"], "passage");
    expect(texts).toEqual(["1", "2", "3", "1"]);
  });

  it("cuts a text that is longer than any embedder reads", async () => {
    const { texts, cached } = counted();
    await cached.embed(["1".repeat(100_000), `${"1".repeat(90_000)}2`], "passage");
    expect(texts.map((asked) => asked.length)).toEqual([8_192]);
  });

  it("never holds more than 1,000 texts, and shrinks to the 500 used last", async () => {
    const { texts, cached } = counted();
    await cached.embed(
      Array.from({ length: 1_000 }, (_, index) => String(index)),
      "query",
    );
    expect(cached.size).toBe(1_000);
    await cached.embed(["0"], "query");
    await cached.embed(["1000"], "query");
    expect(cached.size).toBe(501);
    texts.length = 0;
    await cached.embed(["0", "999", "1"], "query");
    expect(texts).toEqual(["1"]);
  });
});
