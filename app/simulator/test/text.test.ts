import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { plainAnswer } from "../src/fields";
import { jsonSchemaSchema } from "../src/json-schema";
import { readConversation, readMaterial } from "../src/material";
import { answerBySchema } from "../src/schema-answer";
import { countTokens } from "../src/tokenizer";

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
