import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";

const messageSchema = z.object({
  id: z.int().optional(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});
const targetSchema = z.object({ targetId: z.string() });
const sessionSchema = z.object({ sessionId: z.string() });
const evaluatedSchema = z.object({
  result: z.object({ value: z.unknown().optional() }),
  exceptionDetails: z.unknown().optional(),
});
const answerSchema = z.object({ entry: z.object({ source: z.literal("network") }) });

/** Methods of events that only a page with a fault sends: an exception, and what the console shows as an error. */
const FAULTS: ReadonlySet<string> = new Set(["Runtime.exceptionThrown", "Log.entryAdded"]);

/** Whether an entry of the log only repeats an answer's status. */
function isAnswer(params: unknown): boolean {
  return answerSchema.safeParse(params).success;
}

/** A tab of {@link startChromium}. */
export interface BrowserTab {
  /** The value of an expression, a promise's once it is there. It must be fit for JSON. */
  evaluate(expression: string): Promise<unknown>;
  /** Waits until an expression is true. */
  until(expression: string): Promise<void>;
  /** Replaces what a field holds by a text, as a keyboard would. */
  type(id: string, text: string): Promise<void>;
  /** Presses a key, by its name in `KeyboardEvent.key`. */
  press(key: string): Promise<void>;
  click(id: string): Promise<void>;
}

/** A real Chromium without a window, driven over its DevTools protocol: https://chromedevtools.github.io/devtools-protocol/ */
export async function startChromium() {
  const profile = mkdtempSync(join(tmpdir(), "terrace-chromium-"));
  const flags = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
  ];
  const child = spawn("chromium", [...flags, `--user-data-dir=${profile}`], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit");
  const { input, output } = pipesOf(child);
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  const faults: unknown[] = [];
  let last = 0;
  let rest = "";
  output.setEncoding("utf8").on("data", (text: string) => {
    const messages = (rest + text).split("\0");
    rest = messages.pop() ?? "";
    for (const message of messages) {
      const { id, method, params, result, error } = messageSchema.parse(JSON.parse(message));
      if (method !== undefined && FAULTS.has(method) && !isAnswer(params)) faults.push(params);
      const settle = waiting.get(id ?? 0);
      waiting.delete(id ?? 0);
      if (error === undefined) settle?.resolve(result);
      else settle?.reject(new Error(error.message));
    }
  });

  function call(method: string, params: unknown, sessionId?: string): Promise<unknown> {
    last += 1;
    const id = last;
    input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  }

  async function open(url: string): Promise<BrowserTab> {
    const { targetId } = targetSchema.parse(await call("Target.createTarget", { url: "about:blank" }));
    const attached = await call("Target.attachToTarget", { targetId, flatten: true });
    const { sessionId } = sessionSchema.parse(attached);
    const send = (method: string, params: unknown = {}) => call(method, params, sessionId);
    await Promise.all([send("Runtime.enable"), send("Log.enable"), send("Page.enable")]);
    await send("Page.navigate", { url });
    const page: BrowserTab = {
      async evaluate(expression) {
        const answer = await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
        const { result, exceptionDetails } = evaluatedSchema.parse(answer);
        if (exceptionDetails !== undefined) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
        return result.value;
      },
      async until(expression) {
        while ((await page.evaluate(expression)) !== true) await delay(20);
      },
      async type(id, text) {
        await page.evaluate(`document.getElementById(${JSON.stringify(id)}).select()`);
        await page.evaluate(`document.getElementById(${JSON.stringify(id)}).focus()`);
        if (text === "") await page.press("Backspace");
        else await send("Input.insertText", { text });
      },
      async press(key) {
        const keyCode = KEY_CODES[key];
        for (const type of ["rawKeyDown", "keyUp"]) {
          await send("Input.dispatchKeyEvent", { type, key, code: key, windowsVirtualKeyCode: keyCode });
        }
      },
      async click(id) {
        await page.evaluate(`document.getElementById(${JSON.stringify(id)}).click()`);
      },
    };
    await page.until(`location.href.startsWith(${JSON.stringify(url)}) && document.readyState === "complete"`);
    return page;
  }

  return {
    open,
    /** Exceptions and console errors of all pages; violations of a content security policy among them. */
    faults,
    async close() {
      child.kill();
      await exited;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** What `--remote-debugging-pipe` reads from and writes to: file descriptors 3 and 4. */
function pipesOf({ stdio: [, , , input, output] }: ChildProcess) {
  if (!(input instanceof Writable) || !(output instanceof Readable)) throw new Error("chromium has no pipes");
  return { input, output };
}

const KEY_CODES: Readonly<Record<string, number>> = {
  Backspace: 8,
  Tab: 9,
  End: 35,
  Home: 36,
  ArrowLeft: 37,
  ArrowRight: 39,
};
