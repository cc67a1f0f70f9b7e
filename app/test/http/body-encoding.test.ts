import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { utf8Problem } from "../../src/http/body-encoding";
import { NEWS_BODY } from "../support/bodies";
import { startSimulatedGateway } from "../support/gateway";

let gateway: Awaited<ReturnType<typeof startSimulatedGateway>>;
beforeAll(async () => {
  gateway = await startSimulatedGateway();
});
afterAll(() => gateway.close());

/** `{"text":"안녕"}` in EUC-KR. */
const EUC_KR = Buffer.concat([Buffer.from('{"text":"'), Buffer.from([0xbe, 0xc8, 0xb3, 0xe7]), Buffer.from('"}')]);
const JSON_BYTES = Buffer.from(JSON.stringify(NEWS_BODY));

async function send(body: Uint8Array, headers: Readonly<Record<string, string>>) {
  const init = { method: "POST", body, headers: { "content-type": "application/json", ...headers } };
  const response = await fetch(`${gateway.url}/news`, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe("a body that is not UTF-8", () => {
  it.each([
    ["EUC-KR", EUC_KR, 10],
    ["a byte that begins nothing", Buffer.from([...Buffer.from('{"text":"é\ufffd'), 0xff, ...Buffer.from('"}')]), 15],
    ["half a character", Buffer.from([...Buffer.from('{"text":"'), 0xec, 0x95, ...Buffer.from('"}')]), 10],
    ["a surrogate, written as one", Buffer.from([...Buffer.from('{"text":"'), 0xed, 0xa0, 0x80, 0x22, 0x7d]), 10],
    ["UTF-16", Buffer.from('{"text":"안"}', "utf16le"), 20],
  ])("is 400 with the place and the fix: %s", async (_what, body, at) => {
    const { status, text } = await send(body, {});
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({
      code: "NOT_UTF8",
      detail: `The body is not UTF-8, as JSON has to be: byte ${at} begins no character. Convert it, as \`iconv -f EUC-KR -t UTF-8\` does.`,
    });
    expect(text).not.toContain("\ufffd");
  });

  it("is found at the first byte that a strict decoder refuses", () => {
    const strict = new TextDecoder("utf-8", { fatal: true });
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.uint8Array(), (text, bytes) => {
        const body = Buffer.concat([Buffer.from(text), bytes]);
        const at = Number(utf8Problem(body)?.params.at ?? body.length + 1);
        expect(() => strict.decode(body.subarray(0, at - 1))).not.toThrow();
        if (at <= body.length) expect(() => strict.decode(body.subarray(0, at + 3))).toThrow();
      }),
    );
  });
});

describe("a body that says to be in another charset", () => {
  it.each(["euc-kr", "EUC-KR", '"utf-16"', "iso-8859-1", "x".repeat(200)])("is 415: %s", async (charset) => {
    const { status, text } = await send(EUC_KR, { "content-type": `application/json; charset=${charset}` });
    expect(status).toBe(415);
    expect(text.length).toBeLessThan(300);
    expect(JSON.parse(text)).toMatchObject({
      code: "UNSUPPORTED_CHARSET",
      detail: expect.stringContaining(charset.replaceAll('"', "").slice(0, 40)),
    });
  });

  it.each(["utf-8", "UTF-8", '"utf-8"', "utf8", "us-ascii"])("is read where that is UTF-8: %s", async (charset) => {
    expect(await send(JSON_BYTES, { "content-type": `application/json; charset=${charset}` })).toMatchObject({
      status: 200,
    });
  });
});

describe("a body with Content-Encoding", () => {
  it.each(["gzip", "br", "deflate", "GZIP", "identity, gzip", "none"])("is 415, read or not: %s", async (encoding) => {
    const { status, headers, text } = await send(gzipSync(JSON_BYTES), { "content-encoding": encoding });
    expect(status).toBe(415);
    expect(headers.get("accept-encoding")).toBe("identity");
    expect(JSON.parse(text)).toMatchObject({
      code: "UNSUPPORTED_ENCODING",
      detail: `The body is said to be encoded as ${encoding.toLowerCase()}; send it unencoded, without Content-Encoding.`,
    });
  });

  it("is read where that is identity", async () => {
    expect(await send(JSON_BYTES, { "content-encoding": "identity" })).toMatchObject({ status: 200 });
  });
});

describe("a body with a key that reaches a prototype", () => {
  it.each([
    '{"text":"a","__proto__":{"x":1}}',
    '{"text":"a","\\u005f_proto__":{"x":1}}',
    '{"text":"a","constructor":{"prototype":{"x":1}}}',
    '{"a":[{"__proto__":null}]}',
  ])("is 422 that says so: %s", async (body) => {
    const { status, text } = await send(Buffer.from(body), {});
    expect(status).toBe(422);
    expect(JSON.parse(text)).toMatchObject({
      code: "VALIDATION_ERROR",
      detail: [{ loc: ["body"], msg: expect.stringContaining('"__proto__"'), type: "forbidden_key" }],
    });
    expect(Object.prototype).not.toHaveProperty("x");
  });

  it("is 422 with the key's path where it is only named constructor", async () => {
    const { status, text } = await send(Buffer.from('{"text":"a","constructor":1}'), {});
    expect(status).toBe(422);
    expect(JSON.parse(text)).toMatchObject({ detail: [{ loc: ["body", "constructor"], type: "unrecognized_keys" }] });
  });
});
