import { describe, expect, it } from "@jest/globals";
import { BODIES, readBody, readSampling } from "../src/requests";

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
