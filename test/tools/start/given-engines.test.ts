import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { enginesAreGiven, givenEngines } from "../../../tools/start/given-engines";

/** Answers like vLLM, and like a server that has no metrics. */
const servers = [
  createServer((_, response) => response.end('vllm:num_requests_running{engine="0"} 0\n')),
  createServer(),
];
const [vllm, other] = servers;
other?.on("request", (_, response) => response.writeHead(404).end("not found"));
const hosts: string[] = [];

beforeAll(async () => {
  for (const server of servers) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (typeof address === "object" && address !== null) hosts.push(`127.0.0.1:${address.port}`);
  }
  jest.spyOn(console, "log").mockImplementation(() => {});
});
afterAll(() => {
  jest.restoreAllMocks();
  vllm?.close();
  other?.close();
});

describe("givenEngines", () => {
  it("finds the engines of VLLM_BASE_URL and of MODEL_TABLE", () => {
    expect(enginesAreGiven({})).toBe(false);
    expect(enginesAreGiven({ VLLM_BASE_URL: "" })).toBe(false);
    expect(enginesAreGiven({ VLLM_BASE_URL: "http://a/v1" })).toBe(true);
    expect(enginesAreGiven({ MODEL_TABLE: "{}" })).toBe(true);
  });

  it("returns each engine with vLLM's metrics once, and prints the others", async () => {
    const [own = "", without = ""] = hosts;
    const MODEL_TABLE = JSON.stringify({
      til: { baseUrls: [`http://${own}/v1`, `http://${without}/v1`], model: "m", concurrency: 1 },
      news: { baseUrl: `http://${own}/v1`, model: "m", concurrency: 1, fallback: { baseUrl: "http://127.0.0.1:1/v1" } },
      interview: { baseUrl: "https://models.example.com/v1", model: "m", concurrency: 1, fallback: "til" },
    });
    expect(await givenEngines({ MODEL_TABLE })).toEqual([{ job: "vllm", instance: own, address: own }]);
    expect(jest.mocked(console.log).mock.calls.flat()).toEqual([
      expect.stringContaining(without),
      expect.stringContaining("127.0.0.1:1 "),
    ]);
    expect(await givenEngines({ VLLM_BASE_URL: `http://${own}/v1` })).toHaveLength(1);
  });

  it("returns none for an invalid table, which the gateway rejects", async () => {
    for (const MODEL_TABLE of ["no JSON", "[]", '{"til": 1}']) expect(await givenEngines({ MODEL_TABLE })).toEqual([]);
  });
});
