import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { EventBlocks } from "../../../src/engines/client/event-blocks";
import { cutBytes } from "./cut-bytes";

const words = fc.array(fc.string({ unit: "grapheme", maxLength: 12 }), { minLength: 1, maxLength: 8 });

describe("EventBlocks", () => {
  it("loses no byte and tears no event, wherever the chunks end", () => {
    fc.assert(
      fc.property(words, fc.constantFrom("\n\n", "\r\n\r\n"), fc.array(fc.nat(800)), (texts, end, cuts) => {
        const body = Buffer.from(`${texts.map((text) => `data: ${JSON.stringify(text)}${end}`).join("")}data: half`);
        const blocks = new EventBlocks();
        const passed = cutBytes(body, cuts).flatMap((part) => blocks.push(part) ?? []);
        for (const block of passed)
          expect(block.toString().endsWith("\n\n") || block.toString().endsWith("\r\n\r\n")).toBe(true);
        expect(Buffer.concat([...passed, blocks.rest() ?? Buffer.alloc(0)]).equals(body)).toBe(true);
        expect(blocks.rest()?.toString()).toBe("data: half");
      }),
    );
  });

  it("copies nothing where a chunk is a whole event", () => {
    const event = Buffer.from("data: x\n\n");
    expect(new EventBlocks().push(event)).toBe(event);
  });

  it("refuses an event without end", () => {
    const blocks = new EventBlocks();
    expect(() => {
      for (let part = 0; part < 40; part += 1) blocks.push(Buffer.alloc(32 * 1024, "x"));
    }).toThrow("without end");
  });
});
