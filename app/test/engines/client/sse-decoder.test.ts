import { describe, expect, it, jest } from "@jest/globals";
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

  const endless: [string, string][] = [
    ["a line", "x".repeat(1_000)],
    ["a field that is data", `data: ${"x".repeat(1_000)}\n`],
  ];
  it.each(endless)("throws at an event that grows beyond 1 MiB by %s without end", (_what, part) => {
    const decoder = new SseDecoder();
    let sent = 0;
    const grow = () => {
      for (; sent < 10_000_000; sent += part.length) decoder.pushText(part);
    };
    expect(grow).toThrow("an event without end");
    expect(sent).toBeLessThan(1.1 * 1024 * 1024);
  });

  it("splits each character once, in however small pieces it comes", () => {
    const decoder = new SseDecoder();
    const split = jest.spyOn(String.prototype, "split");
    decoder.pushText("data: ");
    for (let piece = 0; piece < 10_000; piece += 1) decoder.pushText("0123456789");
    const characters = split.mock.contexts.reduce<number>((sum, text) => sum + String(text).length, 0);
    split.mockRestore();
    expect(decoder.pushText("\n\n")).toEqual(["0123456789".repeat(10_000)]);
    expect(characters).toBe(6 + 100_000);
  });

  it("takes a CRLF that the chunks cut apart as one line end", () => {
    const decoder = new SseDecoder();
    expect(["data: a\r", "\n\r", "\ndata: b\r\r"].flatMap((part) => decoder.pushText(part))).toEqual(["a"]);
    expect(decoder.pushText(":")).toEqual(["b"]);
  });
});
