import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { readConfig } from "../../../src/config/config";
import { LOCAL_TOKEN_FILE } from "../../../src/contract/service-token";
import { accessLines, pageLink } from "../../../src/http/auth/access-lines";
import { openLocalToken } from "../../../src/http/auth/local-token";
import { ServiceTokens } from "../../../src/http/auth/service-tokens";

let root = "";
let DATA_DIR = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "terrace-token-"));
  DATA_DIR = join(root, "data");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const open = (env: Readonly<Record<string, string>> = {}) => openLocalToken(readConfig({ DATA_DIR, ...env }));

describe("openLocalToken", () => {
  it("makes a token that its owner alone can read, and is the first start once", () => {
    const first = open();
    expect(first).toMatchObject({ firstStart: true, accepted: { role: "admin" } });
    const file = join(DATA_DIR, LOCAL_TOKEN_FILE);
    expect(first?.text).toMatch(/^[\w-]{43}$/);
    expect(readFileSync(file, "utf8").trim()).toBe(first?.text);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(open()).toEqual({ ...first, firstStart: false });
    const accepted = first === undefined ? [] : [first.accepted];
    expect(new ServiceTokens(accepted).identify(`Bearer ${first?.text}`)?.role).toBe("admin");
  });

  it("is no first start where something was stored before, here or in a configured store", () => {
    expect(open({ DATABASE_URL: "postgresql://terrace@db.example/terrace" })?.firstStart).toBe(false);
    rmSync(DATA_DIR, { recursive: true });
    expect(open({ QDRANT_URL: "http://qdrant.example:6333" })?.firstStart).toBe(false);
    rmSync(DATA_DIR, { recursive: true });
    mkdirSync(join(DATA_DIR, "postgres"), { recursive: true });
    expect(open()?.firstStart).toBe(false);
  });

  it.each([
    ["HOST", "0.0.0.0"],
    ["HOST", "::"],
    ["HOST", "192.168.0.10"],
    ["SERVICE_TOKENS", `ci:service=${"0".repeat(64)}`],
  ])("makes none with %s=%s", (name, value) => {
    expect(open({ [name]: value })).toBeUndefined();
  });

  it.each(["127.0.0.1", "::1", "localhost"])("makes one on %s", (HOST) => {
    expect(open({ HOST })).toMatchObject({ firstStart: true });
  });

  it("names the folder that cannot be written, and the way out", () => {
    writeFileSync(DATA_DIR, "");
    expect(() => open()).toThrow(/local-token: .*set SERVICE_TOKENS, or DATA_DIR to a folder that can be written/);
  });
});

describe("accessLines", () => {
  it("say where the token is and never the token", () => {
    const made = open();
    for (const policy of ["first start", "local token"] as const) {
      const text = accessLines(policy, made).join("\n");
      expect(text).toContain(`$(cat ${made?.file})`);
      expect(text).not.toContain(made?.text);
    }
    expect(accessLines("nobody", undefined).join()).toContain("npm run token");
    expect(accessLines("tokens", undefined)).toEqual([]);
  });
});

/** Runs the page's own function in a tab that was opened with an address. */
function openedTab(address: string, kept: Record<string, string> = {}) {
  const source = readFileSync(join(__dirname, "../../../src/http/landing/public/token.js"), "utf8");
  const takeToken: unknown = new Function(`${source.replace("export ", "")}; return takeToken;`)();
  if (typeof takeToken !== "function") throw new Error("token.js has no takeToken");
  const location = new URL(address);
  const shown: string[] = [];
  const token: unknown = takeToken({
    location,
    history: { replaceState: (_state: null, _title: string, path: string) => shown.push(path) },
    sessionStorage: {
      getItem: (name: string) => kept[name] ?? null,
      setItem: (name: string, value: string) => {
        kept[name] = value;
      },
    },
  });
  return { token, shown, kept };
}

describe("takeToken of the landing page", () => {
  it("keeps the printed address's token for the tab and takes it out of the address", () => {
    const address = pageLink(8001, { text: "q3WzF7_mN0-" });
    expect(new URL(address).search).toBe("");
    const first = openedTab(address);
    expect(first).toMatchObject({ token: "q3WzF7_mN0-", shown: ["/"] });
    expect(openedTab("http://localhost:8001/", first.kept)).toMatchObject({ token: "q3WzF7_mN0-", shown: [] });
    expect(openedTab("http://localhost:8001/")).toMatchObject({ token: "", shown: [] });
  });
});
