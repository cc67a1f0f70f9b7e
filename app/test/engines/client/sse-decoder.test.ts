import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { SseDecoder } from "../../../src/engines/client/sse-decoder";
import { cutBytes } from "./cut-bytes";

describe("SseDecoder", () => {
  it("gives the same events wherever the bytes are cut, whatever the line ends", () => {
    const data = fc.array(
      fc.string({ unit: "grapheme" }).filter((text) => !/[\r\n]/.test(text)),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(
        fc.array(data, { maxLength: 5 }),
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.array(fc.nat(400)),
        (events, eol, cuts) => {
          const text = events
            .map((lines) => `: comment${eol}${lines.map((line) => `data: ${line}${eol}`).join("")}${eol}`)
            .join("");
          // What follows a lone carriage return decides whether it ends a line.
          const parts = cutBytes(Buffer.from(`${text}: end`), cuts);
          const decoder = new SseDecoder();
          const decoded = parts.flatMap((part) => decoder.push(part));
          expect(decoded).toEqual(events.map((lines) => lines.join("\n")));
        },
      ),
    );
  });
});
