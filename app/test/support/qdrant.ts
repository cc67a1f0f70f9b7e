import { describe, it } from "@jest/globals";
import { QdrantAdmin } from "../../src/jobs/backup/vectors/qdrant-admin";
import { startForwarder } from "./forwarder";
import type { QdrantServer } from "./qdrant-server";
import { qdrantStandIn, type StandInOptions } from "./qdrant-stand-in";

/** Key of the stand-in, and of the server at `QDRANT_TEST_URL` unless `QDRANT_TEST_API_KEY` has another. */
const KEY = "key";

/**
 * What tests of Qdrant run against: a real one at `QDRANT_TEST_URL`, which a developer has started for them, or the
 * stand-in. Each file prints a line that says which; where neither can be had, `describe` and `it` skip.
 *
 *     docker run --rm -p 6333:6333 -e QDRANT__SERVICE__API_KEY=key qdrant/qdrant:v1.18.3
 *     QDRANT_TEST_URL=http://127.0.0.1:6333 npx jest -i --selectProjects app -- qdrant outage
 */
export function qdrantServers() {
  const url = process.env.QDRANT_TEST_URL;
  return url === undefined || url === "" ? standIns() : realServer(url, process.env.QDRANT_TEST_API_KEY ?? KEY);
}

function standIns() {
  const start = qdrantStandIn();
  if (start !== undefined) report("checks of Qdrant run against its stand-in; QDRANT_TEST_URL names a real one");
  const startOne = start ?? (async () => Promise.reject(new Error("Qdrant's stand-in cannot run here")));
  return {
    name: "Qdrant's stand-in",
    apiKey: KEY,
    describe: start === undefined ? describe.skip : describe,
    it: start === undefined ? it.skip : it,
    /** `it` for what is about the stand-in itself. */
    standInOnly: (_what: string) => it,
    start: (options: StandInOptions = {}): Promise<QdrantServer> => startOne(options),
  };
}

function realServer(url: string, apiKey: string) {
  if (!/^http:\/\/[^/:]+:\d+$/.test(url)) {
    throw new Error(`QDRANT_TEST_URL=${url}: must be http://HOST:PORT, for example http://127.0.0.1:6333`);
  }
  report(`checks of Qdrant run against the server at ${url}`);
  const admin = new QdrantAdmin({ url, apiKey });
  let open = 0;
  let ours = false;

  /** Never takes anything from a server that somebody uses. */
  async function empty(): Promise<void> {
    const found = await admin.collections();
    if (!ours && found.length > 0) {
      throw new Error(`QDRANT_TEST_URL=${url}: must be a server without collections, which tests delete: ${found}`);
    }
    ours = true;
    for (const name of found) await admin.deleteCollection(name);
  }

  return {
    name: `Qdrant at ${url}`,
    apiKey,
    describe,
    it,
    standInOnly(what: string) {
      report(`did not run against a real Qdrant: ${what}`);
      return it.skip;
    },
    /** The one server, emptied, at an address of its own that can be closed. */
    async start(_options: StandInOptions = {}): Promise<QdrantServer> {
      if (Number(process.env.JEST_WORKER_ID) > 1) {
        throw new Error("QDRANT_TEST_URL is one server for all files: run jest with -i");
      }
      await empty();
      await reportVersion(url, apiKey);
      const forwarder = await startForwarder(url);
      open += 1;
      let closed = false;
      return {
        url: forwarder.url,
        apiKey,
        async close() {
          if (closed) return;
          closed = true;
          open -= 1;
          await forwarder.close();
          if (open === 0) await empty();
        },
      };
    },
  };
}

let reported = false;

async function reportVersion(url: string, apiKey: string): Promise<void> {
  if (reported) return;
  reported = true;
  const answer: unknown = await (await fetch(url, { headers: { "api-key": apiKey } })).json();
  const version = typeof answer === "object" && answer !== null && "version" in answer ? answer.version : "unknown";
  report(`Qdrant at ${url}: version ${version}`);
}

function report(line: string): void {
  process.stderr.write(`${line}\n`);
}
