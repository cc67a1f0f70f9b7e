import { describe, expect, it } from "@jest/globals";
import { modelTableSchema } from "../../src/config/model-table";

const A = { baseUrl: "http://a:8100/v1", model: "a", concurrency: 30 };
const B = { baseUrl: "http://b:8100/v1", model: "b", concurrency: 8 };
const TABLE = { til: A, news: B, interview: A };

function problems(table: unknown): string[] {
  const result = modelTableSchema.safeParse(JSON.stringify(table));
  return result.error?.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`) ?? [];
}

describe("MODEL_TABLE", () => {
  it("accepts every field of an entry", () => {
    const table = {
      til: {
        ...A,
        adapter: "team-commit",
        maxTokens: 1_024,
        contextTokens: 8_192,
        temperature: 0.2,
        timeoutMs: 60_000,
      },
      news: { baseUrls: ["http://b:1/v1", "http://b:2/v1/"], model: "b", concurrency: 8 },
      interview: { ...B, discovery: "dns", fallback: { baseUrl: "http://c/v1", model: "c", concurrency: 4 } },
      chat: { ...A, contextTokens: 8_192, fallback: "news" },
    };
    expect(modelTableSchema.parse(JSON.stringify(table))).toEqual({
      ...table,
      news: { ...table.news, baseUrls: ["http://b:1/v1", "http://b:2/v1"] },
    });
  });

  it.each<[string, unknown, string]>([
    ["no address", { ...A, baseUrl: undefined }, "til.baseUrl must be there, or baseUrls"],
    ["two kinds of address", { ...A, baseUrls: ["http://x/v1"] }, "til.baseUrls cannot stand beside baseUrl"],
    ["no URLs", { ...A, baseUrl: undefined, baseUrls: [] }, "til.baseUrls must name at least one URL"],
    [
      "the same URL twice",
      { ...A, baseUrl: undefined, baseUrls: ["http://x/v1", "http://x/v1/"] },
      "til.baseUrls must name each URL once",
    ],
    ["another discovery", { ...A, discovery: "etcd" }, 'til.discovery must be "static" or "dns"'],
    [
      "many names behind DNS",
      { ...A, baseUrl: undefined, baseUrls: ["http://x/v1"], discovery: "dns" },
      'til.discovery can be "dns" with baseUrl only',
    ],
    ["TLS by address", { ...A, baseUrl: "https://x/v1", discovery: "dns" }, "til.baseUrl must be http where discovery"],
    ["an adapter with a path", { ...A, adapter: "../../etc" }, "til.adapter must be an adapter's name"],
    ["half a token", { ...A, maxTokens: 0.5 }, "til.maxTokens must be a whole number of at least 1"],
    ["a hot temperature", { ...A, temperature: 3 }, "til.temperature must be a number from 0 to 2"],
    ["no time", { ...A, timeoutMs: 5 }, "til.timeoutMs must be a whole number of at least 100"],
    ["itself as fallback", { ...A, fallback: "til" }, "til.fallback must be another task of the table"],
    ["an absent task as fallback", { ...A, fallback: "chat" }, "til.fallback must be another task of the table"],
    ["an unknown task as fallback", { ...A, fallback: "chess" }, "til.fallback must be another task or an entry"],
    ["an unknown field", { ...A, speed: 1 }, "speed"],
  ])("refuses an entry with %s", (_name, til, expected) => {
    const lines = problems({ ...TABLE, til });
    expect(lines.join("\n")).toContain(expected);
    for (const line of lines) expect(line).not.toContain("\n");
  });

  it("refuses one model with two concurrencies, in a fallback too", () => {
    expect(problems({ ...TABLE, interview: { ...A, contextTokens: 4_096 } })).toEqual([
      'interview.contextTokens must equal that of "til" (none), which uses the same model',
    ]);
    expect(problems({ ...TABLE, interview: { ...A, fallback: { ...B, concurrency: 9 } } })).toEqual([
      'interview.fallback.concurrency must equal that of "news" (8), which uses the same model',
    ]);
  });
});
