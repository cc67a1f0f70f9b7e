import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { describeWith } from "../../../../testing/programs";
import { PATHS } from "../../../src/contract/endpoints";
import { ERRORS } from "../../../src/shared/errors/app-error";
import { type BrowserTab, startChromium } from "../../support/chromium";
import { say, startEngine } from "../../support/engine";
import { startGateway } from "../../support/gateway";

/** What a hostile article would make a model write. */
const MARKUP = '<img src=x onerror="window.ran=1"><script>window.ran=1</script>';
const NEWS_ANSWER = JSON.stringify({ summary: MARKUP, bullets: [MARKUP], keywords: [] });

let gateway: Awaited<ReturnType<typeof startGateway>>;
let closeEngine: () => Promise<void>;
beforeAll(async () => {
  const engine = await startEngine((_asked, response) => say(response, NEWS_ANSWER));
  closeEngine = engine.close;
  gateway = await startGateway({ baseUrl: engine.baseUrl });
});
afterAll(async () => {
  await gateway.close();
  await closeEngine();
});

describeWith(["chromium"], "the page in Chromium", () => {
  let chromium: Awaited<ReturnType<typeof startChromium>>;
  let page: BrowserTab;
  beforeAll(async () => {
    chromium = await startChromium();
  }, 60_000);
  beforeEach(async () => {
    page = await chromium.open(`${gateway.url}/`);
    await page.until('document.getElementById("first").value !== ""');
    if (await page.evaluate('document.documentElement.lang !== "en"')) await page.click("language");
  }, 60_000);
  afterAll(() => chromium.close());

  const value = (id: string) => page.evaluate(`document.getElementById("${id}").value`);
  const text = (id: string) => page.evaluate(`document.getElementById("${id}").textContent`);
  const selected = () => page.evaluate('document.querySelector("[role=tab][aria-selected=true]").id');
  const focused = () => page.evaluate("document.activeElement.id");

  async function send() {
    await page.click("send");
    await page.until('document.getElementById("result").getAttribute("aria-busy") === "false"');
  }

  it("keeps what a person typed on a change of language or of tab, and back", async () => {
    await page.type("user", "jimin");
    await page.type("first", "My own message");
    await page.type("material", "");
    await page.evaluate(
      '(() => { const s = document.getElementById("answer-language"); s.value = "ko"; s.dispatchEvent(new Event("change")); })()',
    );
    await page.click("tab-news");
    const sample = await value("first");
    expect(sample).not.toBe("My own message");
    await page.type("material", "My own article");
    for (const id of ["language", "tab-til", "language", "language", "tab-interview", "tab-til"]) await page.click(id);
    expect(await value("first")).toBe("My own message");
    expect(await value("material")).toBe("");
    expect(await value("user")).toBe("jimin");
    expect(await value("answer-language")).toBe("ko");
    await page.click("tab-news");
    expect(await value("material")).toBe("My own article");
    // Untouched, it is the sample of the language that is shown: Korean now.
    expect(await page.evaluate("document.documentElement.lang")).toBe("ko");
    expect(await value("first")).toMatch(/[가-힣]/);
    await page.click("language");
    expect(await value("first")).toBe(sample);
  });

  it("changes its tabs with arrow keys, Home and End, and has one of them in the order of Tab", async () => {
    await page.evaluate('document.getElementById("tab-til").focus()');
    for (const [key, tab] of [
      ["ArrowRight", "tab-news"],
      ["ArrowRight", "tab-interview"],
      ["ArrowRight", "tab-til"],
      ["ArrowLeft", "tab-interview"],
      ["Home", "tab-til"],
      ["End", "tab-interview"],
    ] as const) {
      await page.press(key);
      expect({ key, selected: await selected(), focused: await focused() }).toEqual({
        key,
        selected: tab,
        focused: tab,
      });
      expect(
        await page.evaluate('[...document.querySelectorAll("[role=tab]")].filter((t) => t.tabIndex === 0).length'),
      ).toBe(1);
      expect(await page.evaluate('document.querySelector("[role=tabpanel]").getAttribute("aria-labelledby")')).toBe(
        tab,
      );
    }
    expect(await text("first-label")).toBe("Field");
  });

  it("names a wrong field as the page does, in both languages", async () => {
    await page.click("tab-news");
    await page.type("material", "   ");
    await send();
    expect(await text("output")).toMatch(/^Article: /);
    await page.click("language");
    await send();
    expect(await text("output")).toMatch(/^기사: /);
  });

  it("says in words that a simple TIL was not kept", async () => {
    gateway.operations.degraded.enter("operator");
    try {
      await send();
      expect(await text("facts")).toMatch(/simple answer without a model · not kept$/);
    } finally {
      gateway.operations.degraded.leave("operator");
    }
  });

  it("shows a model's and an article's markup as text, streamed or not", async () => {
    await page.click("tab-news");
    await page.type("material", MARKUP);
    await send();
    expect(await text("output")).toBe(NEWS_ANSWER);
    gateway.operations.degraded.enter("operator");
    try {
      await send();
      expect(await text("output")).toContain(MARKUP);
    } finally {
      gateway.operations.degraded.leave("operator");
    }
    expect(await page.evaluate('document.querySelector("#result img, #result script")')).toBeNull();
    expect(await page.evaluate("typeof window.ran")).toBe("undefined");
    expect(chromium.faults).toEqual([]);
  });

  it("runs no script that is not a file of this server, and is in no frame", async () => {
    await page.evaluate(
      `(() => { const s = document.createElement("script"); s.textContent = "window.ran = 1"; document.body.append(s);
        document.getElementById("output").innerHTML = ${JSON.stringify(MARKUP)}; })()`,
    );
    await page.evaluate("fetch('https://example.com').catch(() => {})");
    expect(await page.evaluate("typeof window.ran")).toBe("undefined");
    const policy = (await fetch(`${gateway.url}/`)).headers.get("content-security-policy");
    expect(policy).toMatch(/form-action 'none'; frame-ancestors 'none'$/);
    expect(JSON.stringify(chromium.faults.splice(0))).toMatch(/Content Security Policy.*script-src.*connect-src/s);
  });
});

describe("the page's words", () => {
  const words = readFileSync(join(__dirname, "../../../src/http/landing/public/words.js"), "utf8");

  it("leave the API's names out of what a person reads who has no TIL", () => {
    expect(ERRORS.NO_TILS.ko.replace("{user}", "")).not.toMatch(/[a-z]/);
  });

  it("have each warning of the API", async () => {
    const document = await (await fetch(gateway.url + PATHS.openapi)).text();
    const codes = new Set([...document.matchAll(/\b([A-Z]+(?:_[A-Z]+)+): /g)].map((match) => match[1] ?? ""));
    expect(codes.size).toBeGreaterThanOrEqual(8);
    for (const code of codes) expect(words).toContain(`  ${code}: {`);
  });
});
