import { createHash } from "node:crypto";
import { request } from "node:http";
import { afterEach, describe, expect, it } from "@jest/globals";
import { describeWith } from "../../../../testing/programs";
import { PATHS } from "../../../src/contract/endpoints";
import { TASKS } from "../../../src/contract/tasks";
import { Access, type AccessControl } from "../../../src/http/auth/access";
import { isLoopback } from "../../../src/shared/loopback";
import { NEWS_BODY } from "../../support/bodies";
import { startSimulatedGateway } from "../../support/gateway";
import { startNginx } from "../../support/nginx";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const TOKEN = "local-token";
const accepted = { name: "local", role: "admin", sha256: createHash("sha256").update(TOKEN).digest("hex") } as const;
const developers = (firstStart: boolean) => new Access({ tokens: [], local: { accepted, firstStart } });

/** A stranger's request: to nginx, by the name under which the world knows it. @returns its status */
function stranger(port: number, path: string, { method = "POST", body = "{}", token = "" } = {}): Promise<number> {
  const authorization = token === "" ? {} : { authorization: `Bearer ${token}` };
  const headers = { host: "llm.example.com", "content-type": "application/json", ...authorization };
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode ?? 0));
    });
    sent.once("error", reject).end(method === "GET" ? "" : body);
  });
}

async function behindNginx(access: AccessControl, settings: string) {
  const gateway = await startSimulatedGateway({ access });
  closers.push(() => gateway.close());
  const proxy = await startNginx(`proxy_pass ${gateway.url}; ${settings}`);
  closers.push(() => proxy.close());
  const { lifecycle } = gateway;
  return {
    phase: () => lifecycle.phase,
    drain: (token?: string) => stranger(proxy.port, `${PATHS.admin}/drain`, { token }),
    degrade: () => stranger(proxy.port, `${PATHS.admin}/degraded`),
    goodput: () => stranger(proxy.port, `${PATHS.admin}/goodput`, { method: "GET" }),
    news: (token?: string) => stranger(proxy.port, TASKS.news.path, { body: JSON.stringify(NEWS_BODY), token }),
  };
}

/** What people write, from nginx's defaults to all that it can hide. */
const SETTINGS = {
  "its defaults": "",
  "the visitor's address": "proxy_set_header X-Forwarded-For $remote_addr; proxy_http_version 1.1;",
  "the visitor's Host": "proxy_set_header Host $host; proxy_http_version 1.1;",
  "X-Real-IP": "proxy_set_header X-Real-IP $remote_addr; proxy_http_version 1.1;",
} as const;
/** Nothing shows that it is a proxy. */
const HIDDEN = 'proxy_http_version 1.1; proxy_set_header Connection "";';

describeWith(["nginx"], "a developer's gateway behind nginx on the same machine", () => {
  describe.each(Object.entries(SETTINGS))("with %s", (_what, settings) => {
    it.each([true, false])("lets no stranger in without the token (first start: %s)", async (firstStart) => {
      const site = await behindNginx(developers(firstStart), settings);
      expect(await Promise.all([site.drain(), site.degrade(), site.goodput(), site.news()])).toEqual(
        Array(4).fill(401),
      );
      expect(site.phase()).toBe("serving");
      expect(await site.news(TOKEN)).toBe(200);
      expect(await site.drain(TOKEN)).toBe(200);
    });
  });

  it("never lets a stranger operate it, and lets none in from the second start on, where nothing shows a proxy", async () => {
    const first = await behindNginx(developers(true), HIDDEN);
    expect(await Promise.all([first.drain(), first.degrade(), first.goodput()])).toEqual([401, 401, 401]);
    const second = await behindNginx(developers(false), HIDDEN);
    expect(await Promise.all([second.drain(), second.news()])).toEqual([401, 401]);
  });

  it("is drained by a stranger where a loopback Host is all that counts (planted)", async () => {
    const planted: AccessControl = {
      callerOf: ({ hostname }) => {
        if (!isLoopback(hostname)) throw new Error("refused");
        return { name: "local", role: "admin", users: [] };
      },
    };
    const site = await behindNginx(planted, SETTINGS["its defaults"]);
    expect(await site.drain()).toBe(200);
    expect(site.phase()).toBe("draining");
  });
});
