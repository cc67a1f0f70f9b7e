import { Writable } from "node:stream";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { pino } from "pino";
import { LOG_MASKING, maskValue } from "../../../src/shared/redaction/log-masking";

function lines(write: (log: pino.Logger) => void): string {
  let text = "";
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  write(pino({ ...LOG_MASKING, base: null, timestamp: false }, out));
  return text;
}

describe("log masking", () => {
  it("hides fields by name, at any depth, in any case, and changes only a copy", () => {
    const value = { user: "jimin", Email: "a@b.kr", deep: [{ API_KEY: "k", "access-token": "t", 주민등록번호: 1 }] };
    const before = structuredClone(value);
    expect(maskValue(value)).toEqual({
      user: "jimin",
      Email: "***masked***",
      deep: [{ API_KEY: "***masked***", "access-token": "***masked***", 주민등록번호: "***masked***" }],
    });
    expect(value).toEqual(before);
  });

  it.each([
    ["email", "kim.jimin@example.co.kr"],
    ["phone", "010-1234-5678"],
    ["phone", "+82 10 1234 5678"],
    ["phone", "02-345-6789"],
    ["rrn", "900101-1234567"],
    ["card", "4111 1111 1111 1111"],
    ["password", 'password="hunter2"'],
  ])("hides a %s inside a text: %s", (kind, secret) => {
    const masked = String(maskValue(`before ${secret}, after`));
    expect(masked).toContain(`[REDACTED:${kind}]`);
    expect(masked).not.toContain(secret);
    expect(masked).toMatch(/^before .*, after$/);
  });

  it("leaves ids, times and addresses of machines alone", () => {
    const fields = {
      request_id: "0192f1c4-7b1e-7c3a-9f10-0242ac120002",
      at: 1_763_700_000_000,
      host: "10.0.0.5:8001",
      text: "2026-11-20T01:02:03Z",
    };
    expect(maskValue(fields)).toEqual(fields);
  });

  it("covers every line of pino: fields, errors and the message itself", () => {
    const text = lines((log) => {
      log.info({ password: "hunter2", note: "mail kim@example.com" }, "for kim@example.com");
      log.error({ err: new Error("refused 900101-1234567", { cause: new Error("token=abcdef123456789") }) }, "failed");
      log.warn("call 010-1234-5678");
      log.info({ prompt: "a private note" }, "%s", "kim@example.com");
    });
    for (const secret of ["hunter2", "kim@", "900101-1234567", "abcdef123456789", "010-1234", "a private note"]) {
      expect(text).not.toContain(secret);
    }
    expect(text.trim().split("\n")).toHaveLength(4);
  });

  it("never throws, also on a cycle", () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    expect(JSON.stringify(maskValue(cycle))).toContain("…");
    fc.assert(fc.property(fc.anything(), (value) => void maskValue(value)));
  });
});
