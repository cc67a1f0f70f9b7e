import { once } from "node:events";
import { createServer } from "node:http";

export interface FakeVm {
  readonly name: string;
  readonly zone: string;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  status: string;
  readonly startedAt: Date;
}

/** One VM a page, so that every list has several. */
const PAGE = 1;

/**
 * A stand-in for the parts of Compute Engine's and Kubernetes Engine's APIs that stop machines, in memory: it is neither.
 * Filters match labels and the state alone; nothing takes time.
 */
export async function startCompute({ token = "token-1" } = {}) {
  const vms: FakeVm[] = [];
  const pool = { status: "RUNNING", nodesPerZone: 2 };
  const stopped: string[] = [];
  let failing = 0;

  function listed(url: URL) {
    const terms = [...(url.searchParams.get("filter") ?? "").matchAll(/\((?:labels\.)?([a-z_-]+)=([A-Za-z0-9_-]+)\)/g)];
    const matching = vms.filter((vm) =>
      terms.every(([, key = "", value]) => (key === "status" ? vm.status : vm.labels[key]) === value),
    );
    const from = Number(url.searchParams.get("pageToken") ?? 0);
    const items: Record<string, { instances: unknown[] } | { warning: object }> = {
      "zones/us-a": { warning: { code: "NO_RESULTS_ON_PAGE" } },
    };
    for (const { name, zone, status, startedAt, address: networkIP } of matching.slice(from, from + PAGE)) {
      const zoneUrl = `https://www.googleapis.com/compute/v1/projects/terrace-demo/zones/${zone}`;
      const lastStartTimestamp = startedAt.toISOString().replace("Z", "-00:00");
      const instance = { name, status, lastStartTimestamp, zone: zoneUrl, networkInterfaces: [{ networkIP }] };
      items[`zones/${zone}`] = { instances: [instance] };
    }
    return { items, ...(from + PAGE < matching.length && { nextPageToken: String(from + PAGE) }) };
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://compute");
    const json = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    if (request.headers.authorization !== `Bearer ${token}`) return json(401, { error: { message: "no token" } });
    if (failing > 0) {
      failing -= 1;
      return json(403, { error: { message: "Required 'compute.instances.list' permission" } });
    }
    if (url.pathname === "/compute/v1/projects/terrace-demo/aggregated/instances") return json(200, listed(url));
    const stop = /^\/compute\/v1\/projects\/terrace-demo\/zones\/([^/]+)\/instances\/([^/]+)\/stop$/.exec(url.pathname);
    const vm = vms.find(({ name, zone }) => name === stop?.[2] && zone === stop?.[1]);
    if (request.method === "POST" && vm !== undefined) {
      vm.status = "STOPPING";
      stopped.push(vm.name);
      return json(200, { name: `operation-${stopped.length}` });
    }
    const nodePool =
      /^\/v1\/projects\/terrace-demo\/locations\/asia-northeast3\/clusters\/main\/nodePools\/l4(:setSize)?$/.exec(
        url.pathname,
      );
    if (nodePool === null) return json(404, { error: { message: `no route ${request.method} ${url.pathname}` } });
    if (nodePool[1] === undefined) return json(200, { name: "l4", status: pool.status });
    let text = "";
    for await (const chunk of request) text += chunk;
    pool.nodesPerZone = JSON.parse(text).nodeCount;
    json(200, { name: "operation-pool" });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no TCP address");
  return {
    url: `http://127.0.0.1:${bound.port}`,
    vms,
    pool,
    /** Names of VMs, in the order in which they were stopped. */
    stopped,
    /** Refuses the next request. */
    fail() {
      failing += 1;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
