import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { logFormat, parseLog } from "../../../tools/til/parse-log";

describe("parseLog", () => {
  it("returns the commits of a log, whatever text they contain", () => {
    // No end of it is a beginning of it, as of the random one: a message that ends like its beginning is still split off.
    const boundary = `z${"b".repeat(31)}`;
    const safe = fc.string({ unit: "grapheme" }).filter((value) => !value.includes(boundary));
    const hash = fc.stringMatching(/^[0-9a-f]{40}$/);
    const entry = fc.record({ sha: hash, parents: fc.array(hash, { maxLength: 3 }), message: safe, diff: safe });
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        const log = entries
          .map(({ sha, parents, message, diff }) => {
            const header = logFormat(boundary)
              .replaceAll("%n", "\n")
              .replace("%H", sha)
              .replace("%P", parents.join(" "))
              .replace("%B", () => message);
            return `${header}\n${diff}`;
          })
          .join("");
        expect(parseLog(log, boundary).map(({ sha, parents, message }) => ({ sha, parents, message }))).toEqual(
          entries.map(({ sha, parents, message }) => ({ sha, parents, message: message.trim() })),
        );
      }),
    );
  });
});
