import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { z } from "zod";
import { plainAnswer } from "../src/fields";
import { jsonSchemaSchema } from "../src/json-schema";
import { readConversation, readMaterial } from "../src/material";
import { textByPattern } from "../src/pattern-text";
import { BODIES, readBody, readSampling } from "../src/requests";
import { answerBySchema } from "../src/schema-answer";
import { countTokens, toTokens } from "../src/tokenizer";

const DIFF = `<file path="src/cart.ts">
message: Cache cart totals in Redis
@@ -1 +1,3 @@
+export async function cartTotal(id: string) {
-const old = 1;
</file>`;

const bySchema = (schema: unknown, system: string, user: string) =>
  answerBySchema(jsonSchemaSchema.parse(schema), readMaterial(system, user));
const say = (...turns: [string, string][]) =>
  plainAnswer(
    readConversation(
      turns.map(([role, content]) => ({ role, content })),
      false,
    ),
  );

describe("the simulator's text", () => {
  it("about a change is found in the change, in both languages", () => {
    const schema = z.toJSONSchema(
      z.object({ title: z.string(), content: z.string(), keywords: z.array(z.string().min(1).max(60)).max(10) }),
    );
    const answer = z.object({ title: z.string(), content: z.string(), keywords: z.array(z.string()) });
    const korean = answer.parse(bySchema(schema, "한국어로 씁니다", DIFF));
    expect(korean.title).toBe("Cache cart totals in Redis");
    expect(korean.content).toContain("## 배운 점");
    expect(korean.content).toContain("`cartTotal`");
    expect(korean.keywords).toEqual(expect.arrayContaining(["Redis", "cartTotal"]));
    const english = answer.parse(bySchema(schema, "Write in English", DIFF));
    expect(english.content).toContain("## What I learned");
  });

  it("about one file of a change has its path, its purpose and its changes", () => {
    const schema = z.toJSONSchema(
      z.object({ filepath: z.string(), change_purpose: z.string(), code_changes: z.string() }),
    );
    expect(bySchema(schema, "Write in English", DIFF)).toEqual({
      filepath: "src/cart.ts",
      change_purpose: "Cache cart totals in Redis",
      code_changes: "`src/cart.ts`: Cache cart totals in Redis (+1 −1 lines; declares `cartTotal`)",
    });
  });

  it("about a file that was changed often and with many words stays within a summary's length", () => {
    const schema = z.toJSONSchema(
      z.object({ change_purpose: z.string().min(1), code_changes: z.array(z.string().min(1)).max(8) }),
    );
    const messages = Array.from(
      { length: 60 },
      (_, index) => `message: ${index}. ${"장바구니 합계를 캐시한다 ".repeat(30)}`,
    );
    const often = `<file path="src/cart.ts">\n${messages.join("\n")}\n@@ -1 +1 @@\n+const total = 1;\n</file>`;
    // Twice the 256 tokens of the prompt: what the second attempt may take.
    expect(countTokens(JSON.stringify(bySchema(schema, "한국어로 씁니다", often)))).toBeLessThan(512);
  });

  it("about a text without full stops is no longer than others", () => {
    const schema = z.toJSONSchema(
      z.object({
        summary: z.string().min(1),
        bullets: z.array(z.string()).max(5),
        keywords: z.array(z.string()).max(10),
      }),
    );
    for (const word of ["word ", "단어 "]) {
      const article = `<article>\n${word.repeat(20_000)}\n</article>`;
      expect(countTokens(JSON.stringify(bySchema(schema, "3 sentences", article)))).toBeLessThan(512);
    }
  });

  it("of ten questions fits what a prompt leaves to them, whatever the text", () => {
    const question = z.object({ question: z.string(), answer: z.string(), difficulty: z.int().min(1).max(3) });
    const schema = z.toJSONSchema(z.object({ questions: z.array(question).length(10) }));
    for (const text of [
      "가나다 라마바 ".repeat(2_000),
      "x".repeat(9_000),
      "장바구니 합계를 캐시에 저장한다. ".repeat(400),
    ]) {
      const answer = bySchema(schema, "한국어로 씁니다", `<til>\n${text}\n</til>`);
      // The interview prompt's limit (version 2): 64 tokens and 180 for each question, and once more as many.
      expect(countTokens(JSON.stringify(answer))).toBeLessThan(2 * (64 + 180 * 10));
    }
  });

  it("about a summary in a diff's place counts no lines", () => {
    const summarised = '<file path="a.ts">\nmessage: Cache\nMakes carts fast.\n- Adds a cache.\n</file>';
    expect(plainAnswer(readMaterial("Write in English", summarised))).toContain("- `a.ts`: Cache\n");
  });

  it("in a list is the material's own sentences, without filling words", () => {
    const schema = z.toJSONSchema(z.object({ bullets: z.array(z.string().min(1)).max(5) }));
    const article = "<article>\nFares rose by 5%. The deficit was growing. Groups objected.\n</article>";
    expect(bySchema(schema, "Write in English", article)).toEqual({
      bullets: ["Fares rose by 5%.", "The deficit was growing.", "Groups objected."],
    });
  });

  it("about a TIL is different questions with answers from it", () => {
    const question = z.object({ question: z.string(), answer: z.string(), difficulty: z.int().min(1).max(3) });
    const schema = z.object({ questions: z.array(question).min(4).max(4) });
    const til =
      "<til>\nRedis SET takes a lock with NX. The lock expires by itself. Lua compares the owner first.\n</til>";
    const { questions } = schema.parse(bySchema(z.toJSONSchema(schema), "Write in English", til));
    expect(new Set(questions.map((item) => item.question)).size).toBe(4);
    for (const { answer } of questions) expect(til).toContain(answer.split(". ")[0]);
  });

  it("uses what retrieval found as context alone", () => {
    const user = "<passage>\nOld news of the weather.\n</passage>\n<article>\nThe cluster has two nodes.\n</article>";
    expect(plainAnswer(readMaterial("", user))).toBe("The cluster has two nodes.");
  });

  it("in a chat answers the last turn", () => {
    const history: [string, string][] = [
      ["user", "Redis keeps the cart. PostgreSQL keeps the orders."],
      ["assistant", "Understood."],
    ];
    expect(say(...history, ["user", "What keeps the orders?"])).toBe("PostgreSQL keeps the orders.");
    expect(say(...history, ["user", "And the cart?"])).toBe("Redis keeps the cart.");
    expect(say(["user", "<passage>\n주문은 PostgreSQL에 저장한다.\n</passage>\n주문은 어디에 저장하나요?"])).toBe(
      "주문은 PostgreSQL에 저장한다.",
    );
  });

  it("in a repair answers the first request", () => {
    const turns = ["<article>\nThe cluster has two nodes.\n</article>", "That was no JSON."];
    const material = readConversation(
      turns.map((content) => ({ role: "user", content })),
      true,
    );
    expect(material.sentences).toEqual(["The cluster has two nodes."]);
  });
});

describe("a value for a JSON schema", () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  const bound = fc.record({ low: fc.integer({ min: -50, max: 50 }), more: fc.nat(20) });
  const leaf: fc.Arbitrary<object> = fc.oneof(
    bound.map(({ low, more }) => ({ type: "integer", minimum: low, maximum: low + more })),
    bound.map(({ low, more }) => ({ type: "number", exclusiveMinimum: low, exclusiveMaximum: low + more + 1 })),
    fc.integer({ min: 1, max: 9 }).map((multipleOf) => ({ type: "integer", multipleOf, minimum: 100 })),
    fc
      .record({ min: fc.nat(40), more: fc.nat(40) })
      .map(({ min, more }) => ({ type: "string", minLength: min, maxLength: min + more })),
    fc.constantFrom("date", "date-time", "email", "uuid", "uri", "ipv4").map((format) => ({ type: "string", format })),
    fc
      .constantFrom("^[a-z]+$", "^v\\d{1,3}\\.\\d+$", "^(?:low|high)-[A-F0-9]{4}$", "^a*b?c$")
      .map((pattern) => ({ type: "string", pattern })),
    fc.constantFrom("string", "boolean", "null", "number", "integer").map((type) => ({ type })),
    fc.uniqueArray(word, { minLength: 1, maxLength: 4 }).map((values) => ({ enum: values })),
    word.map((value) => ({ const: value })),
  );
  const { node } = fc.letrec<{
    node: object;
    list: object;
    tuple: object;
    object: object;
    map: object;
    choice: object;
  }>((tie) => ({
    node: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      tie("list"),
      tie("tuple"),
      tie("object"),
      tie("map"),
      tie("choice"),
    ),
    list: fc
      .record({ items: tie("node"), min: fc.nat(3), more: fc.nat(3) })
      .map(({ items, min, more }) => ({ type: "array", items, minItems: min, maxItems: min + more })),
    tuple: fc.array(tie("node"), { minLength: 1, maxLength: 3 }).map((prefixItems) => ({
      type: "array",
      prefixItems,
      items: false,
      minItems: prefixItems.length,
    })),
    object: fc
      .dictionary(fc.oneof(fc.constantFrom("title", "content", "keywords", "summary", "question"), word), tie("node"), {
        maxKeys: 4,
      })
      .map((properties) => ({
        type: "object",
        properties,
        required: Object.keys(properties),
        additionalProperties: false,
      })),
    map: tie("node").map((additionalProperties) => ({ type: "object", additionalProperties })),
    choice: fc.array(tie("node"), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
  }));

  it("matches it, whatever the schema and the material", () => {
    fc.assert(
      fc.property(node, fc.string({ unit: "grapheme" }), (schema, text) => {
        const value = bySchema(schema, "", text);
        const check = z.fromJSONSchema(JSON.parse(JSON.stringify(schema)));
        expect(check.safeParse(value).error?.issues ?? []).toEqual([]);
        expect(JSON.parse(JSON.stringify(value))).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  it("is checked by a validator that can fail", () => {
    const check = z.fromJSONSchema({ type: "array", items: { type: "string", maxLength: 2 }, minItems: 2 });
    expect(check.safeParse(["ab", "abc"]).success).toBe(false);
  });

  it("is finite where the schema contains itself", () => {
    const tree = {
      $defs: {
        node: {
          type: "object",
          properties: { name: { type: "string" }, children: { type: "array", items: { $ref: "#/$defs/node" } } },
          required: ["name"],
        },
      },
      $ref: "#/$defs/node",
    };
    expect(bySchema(tree, "", "The cache is small.")).toMatchObject({ name: "The cache is small." });
    const endless = { type: "object", properties: { next: { $ref: "#" } }, required: ["next"] };
    expect(() => bySchema(endless, "", "")).toThrow("no finite value");
  });

  it("repeats items where no more different texts are short enough", () => {
    const empty = { type: "array", items: { type: "string", maxLength: 0 }, minItems: 2 };
    expect(bySchema(empty, "", "")).toEqual(["", ""]);
  });

  it("has different items where the schema requires it", () => {
    const unique = { type: "array", items: { enum: ["a", "b", "c"] }, minItems: 3, uniqueItems: true };
    expect(bySchema(unique, "", "")).toEqual(["a", "b", "c"]);
    const texts = bySchema(
      { type: "array", items: { type: "string" }, minItems: 8, uniqueItems: true },
      "",
      "One. Two.",
    );
    expect(new Set(z.array(z.string()).parse(texts)).size).toBe(8);
  });

  it.each([
    ["numbers that there are not", { type: "integer", minimum: 5, maximum: 4 }],
    ["no multiple in the range", { type: "integer", multipleOf: 10, minimum: 11, maximum: 19 }],
    ["a definition that is missing", { $ref: "#/$defs/none" }],
    ["look-ahead", { type: "string", pattern: "^(?=a)b" }],
    ["a negated class", { type: "string", pattern: "[^a]" }],
  ])("is refused with %s", (_, schema) => {
    expect(() => bySchema(schema, "", "")).toThrow();
  });

  it("matches the pattern's own expression", () => {
    for (const pattern of ["^\\d{4}-\\d{2}$", "a|b", "^[\\w.-]+@example\\.com$", "^(ab){2}c+?$", "x{2,}"]) {
      expect(textByPattern(pattern)).toMatch(new RegExp(pattern));
    }
  });
});

describe("tokens", () => {
  it("are the text, cut", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(toTokens(text).join("")).toBe(text);
      }),
    );
  });

  it("are about as many as Gemma's: a little more than a word each in English, one to two syllables in Korean", () => {
    const english = "The gateway keeps a queue of requests and sends each of them to the engine with the most room.";
    expect(countTokens(english)).toBeGreaterThanOrEqual(19);
    expect(countTokens(english)).toBeLessThan(30);
    const korean = "게이트웨이는 요청을 줄 세우고 가장 여유가 많은 엔진으로 보낸다.";
    expect(korean.length / countTokens(korean)).toBeGreaterThan(1.2);
    expect(korean.length / countTokens(korean)).toBeLessThan(2.2);
  });
});

describe("sampling parameters", () => {
  it("take the limit of a chat from either name, the newer first", () => {
    const read = (body: object) => readSampling(readBody(BODIES.chat, { messages: [], ...body })).maxTokens;
    expect([read({ max_tokens: 5 }), read({ max_tokens: 5, max_completion_tokens: 7 }), read({})]).toEqual([
      5,
      7,
      undefined,
    ]);
  });
});
