import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { TASKS } from "../../../src/contract/tasks";
import { startSimulatedGateway } from "../../support/gateway";
import { PROMPT } from "./chat-gateway";

let gateway: Awaited<ReturnType<typeof startSimulatedGateway>>;
beforeAll(async () => {
  gateway = await startSimulatedGateway({ watch: true });
  while (!gateway.readiness.ready) await delay(5);
});
afterAll(() => gateway.close());

const refusalSchema = z.object({ code: z.string(), detail: z.string() });

/** A request, refused for its size. */
async function refusal(body: Readonly<Record<string, unknown>>) {
  const response = await gateway.post(TASKS.chat.path, body);
  expect(response.status).toBe(422);
  return refusalSchema.parse(await response.json());
}

describe("max_tokens beyond the model's context", () => {
  // Of 8,190 only the engine can say that they are too many: prompts are estimated here.
  it.each([8_192, 8_190])("is 422 with what fits, which is accepted: %d", async (max_tokens) => {
    for (const stream of [false, true]) {
      const { code, detail } = await refusal({ messages: PROMPT, max_tokens, stream });
      expect(code).toBe("MAX_TOKENS_TOO_LARGE");
      expect(detail).toMatch(
        new RegExp(`^The prompt takes 1?\\d tokens and its answer up to ${max_tokens}; this model holds 8192 of both`),
      );
      const largest = Number(/max_tokens of at most (\d+)\.$/.exec(detail)?.[1]);
      expect(largest).toBeGreaterThan(8_150);
      const accepted = await gateway.post(TASKS.chat.path, { messages: PROMPT, max_tokens: largest, stream });
      await accepted.text();
      expect(accepted.status).toBe(200);
    }
  });

  it("is not named where the prompt alone is too long", async () => {
    const messages = [{ role: "user", content: "word ".repeat(12_000) }];
    const { code, detail } = await refusal({ messages, max_tokens: 16 });
    expect(code).toBe("PROMPT_TOO_LONG");
    expect(detail).toMatch(
      /^The prompt takes 11\d{3} tokens and its answer up to 16; this model holds 8192 of both together\.$/,
    );
  });
});
