import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { z } from "zod";
import { TASK_PATHS } from "../../../src/contract/tasks";
import { MAX_DETAILS, RequestValidationError, validatorCompiler } from "../../../src/http/errors/validation";
import { MAX_BODY_DEPTH, MAX_BODY_VALUES, shapeProblem } from "../../../src/http/json-body";
import { startSimulatedGateway } from "../../support/gateway";

/** Bytes that a refusal may have, whatever was sent. */
const MAX_ANSWER_BYTES = 20_000;

let gateway: Awaited<ReturnType<typeof startSimulatedGateway>>;
beforeAll(async () => {
  gateway = await startSimulatedGateway({ bodyLimitBytes: 4 * 1024 * 1024 });
});
afterAll(() => gateway.close());

function keys(count: number, suffix = ""): string {
  return JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}${suffix}`, 1])));
}

async function refusal(path: string, body: string) {
  const response = await gateway.post(path, body);
  const text = await response.text();
  const { detail } = z.object({ detail: z.array(z.object({ type: z.string() })) }).parse(JSON.parse(text));
  return { status: response.status, bytes: Buffer.byteLength(text), types: detail.map(({ type }) => type) };
}

describe("a body", () => {
  const shapes: [string, string, string][] = [
    ["1.5 MB of unknown keys", keys(100_000, "xxxx"), "too_many_values"],
    ["an array of 2 million numbers", `[${"1,".repeat(2_000_000)}1]`, "too_many_values"],
    ["4 MB of opening brackets", "[".repeat(4_000_000), "too_deep"],
    ["values that lie deep", `{"text":${'{"a":'.repeat(MAX_BODY_DEPTH)}1${"}".repeat(MAX_BODY_DEPTH)}}`, "too_deep"],
  ];
  it.each(shapes)("is refused unparsed: %s", async (_what, body, type) => {
    for (const path of TASK_PATHS) {
      const answer = await refusal(path, body);
      expect({ path, ...answer }).toMatchObject({ path, status: 422, types: [type] });
      expect(answer.bytes).toBeLessThan(1_000);
    }
  });

  const lists: [string, string, string][] = [
    ["unknown keys", "/news", keys(9_000)],
    ["one unknown key of 4 MB", "/news", JSON.stringify({ text: "a", ["x".repeat(4_000_000)]: 1 })],
    ["long unknown keys", "/news", keys(9_000, "한".repeat(120))],
    ["wrong patches", "/til", wrongPatches(9_000)],
  ];
  it.each(lists)("gets at most 20 problems in at most 20 kB for %s", async (_what, path, body) => {
    const { status, bytes, types } = await refusal(path, body);
    expect(status).toBe(422);
    expect(types.length).toBeLessThanOrEqual(MAX_DETAILS);
    expect(bytes).toBeLessThan(MAX_ANSWER_BYTES);
  });

  it("names an unknown key in its own entry alone", async () => {
    const response = await gateway.post("/news", { text: "a", tools: [], tool_choice: "auto" });
    expect(await response.json()).toMatchObject({
      detail: [
        { loc: ["body", "tools"], msg: 'Unrecognized key: "tools"' },
        { loc: ["body", "tool_choice"], msg: 'Unrecognized key: "tool_choice"' },
      ],
    });
  });
});

function wrongPatches(count: number): string {
  const patches = Array.from({ length: count }, () => 1);
  return JSON.stringify({ user: "a", repo: [{ name: "a", files: [{ filepath: "x", patches }] }] });
}

describe("validatorCompiler", () => {
  it("writes as many messages for 10,000 wrong values as for 20", () => {
    const written = (count: number) => {
      let messages = 0;
      const element = z.string({
        error: () => {
          messages += 1;
          return "no";
        },
      });
      detailsFor(
        z.array(element),
        Array.from({ length: count }, () => 1),
      );
      return messages;
    };
    expect(written(20)).toBe(MAX_DETAILS);
    expect(written(10_000)).toBe(MAX_DETAILS);
  });

  it("sends at most 20 kB for any keys and values", () => {
    const schema = z.strictObject({ named: z.record(z.string().max(3), z.string()) });
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.anything()),
        fc.dictionary(fc.string(), fc.anything()),
        (top, inner) => {
          const details = detailsFor(schema, { ...top, named: inner });
          expect(details.length).toBeLessThanOrEqual(MAX_DETAILS);
          expect(Buffer.byteLength(JSON.stringify(details))).toBeLessThan(MAX_ANSWER_BYTES);
        },
      ),
    );
  });
});

function detailsFor(schema: z.ZodType, data: unknown) {
  const validate = validatorCompiler({ schema, httpPart: "body", method: "POST", url: "/" });
  const result: unknown = validate(data);
  const error = z.object({ error: z.instanceof(RequestValidationError) }).safeParse(result).data?.error;
  return error?.details("en") ?? [];
}

describe("shapeProblem", () => {
  it("allows what JSON.parse gives at most the limits of, whatever the strings hold", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        expect(shapeProblem(Buffer.from(JSON.stringify(value)))).toBeUndefined();
        expect(shapeProblem(Buffer.from(JSON.stringify(JSON.stringify([value, '[{,\\"]']))))).toBeUndefined();
      }),
    );
  });

  it("counts every value and no character of a string", () => {
    const list = (values: number) => Buffer.from(JSON.stringify(Array.from({ length: values }, () => '[{,"\\')));
    expect(shapeProblem(list(MAX_BODY_VALUES - 1))).toBeUndefined();
    expect(shapeProblem(list(MAX_BODY_VALUES))).toEqual({ type: "too_many_values", limit: MAX_BODY_VALUES });
  });

  it("reads no byte after the one that is too much", () => {
    let last = -1;
    const endless = new Proxy(Buffer.from("[".repeat(100_000)), {
      get(target, key) {
        if (typeof key === "string" && /^\d+$/.test(key)) last = Number(key);
        return Reflect.get(target, key, target);
      },
    });
    expect(shapeProblem(endless)).toEqual({ type: "too_deep", limit: MAX_BODY_DEPTH });
    expect(last).toBe(MAX_BODY_DEPTH);
  });
});
