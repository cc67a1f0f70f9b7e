import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { z } from "zod";
import { requestBody } from "../../../src/engines/client/protocol";

const bodySchema = z.looseObject({ messages: z.tuple([z.object({ content: z.string() })]) });

/** What an engine reads of a text that it is sent. */
function arrives(content: string): string {
  const chat = { messages: [{ role: "user", content }], maxTokens: 1, temperature: 0 } as const;
  const body = requestBody("m", chat, undefined);
  return bodySchema.parse(JSON.parse(body)).messages[0].content;
}

describe("requestBody", () => {
  it("replaces half a surrogate pair by U+FFFD, which vLLM would refuse", () => {
    expect(arrives("done 😀".slice(0, -1))).toBe("done \ufffd");
    expect(arrives("😀\udc00\ud83d😀")).toBe("😀\ufffd\ufffd😀");
  });

  it("keeps a text that spells out \\ud83d", () => {
    expect(arrives("\\ud83d \\\\ud83d \\")).toBe("\\ud83d \\\\ud83d \\");
  });

  it("is well-formed JSON with the whole text, whatever the text", () => {
    const unit = fc.oneof(
      fc.integer({ min: 0xd7fe, max: 0xe001 }).map((code) => String.fromCharCode(code)),
      fc.constantFrom("\\", "u", "d", "8", "😀", '"', "가"),
    );
    fc.assert(
      fc.property(fc.array(unit), (units) => {
        const text = units.join("");
        expect(arrives(text)).toBe(text.replace(/\p{Cs}/gu, "\ufffd"));
      }),
      { numRuns: 2_000 },
    );
  });
});
