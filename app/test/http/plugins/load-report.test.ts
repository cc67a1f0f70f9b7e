import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { PATHS } from "../../../src/contract/endpoints";
import { TASKS } from "../../../src/contract/tasks";
import { busiestGpu } from "../../../src/operations/load/gpu-utilization";
import { NEWS_BODY } from "../../support/bodies";
import { chunk, startEngine } from "../../support/engine";
import { type RunningGateway, startGateway } from "../../support/gateway";

const DCGM_PAGE = `# HELP DCGM_FI_DEV_GPU_UTIL GPU utilization (in %).
# TYPE DCGM_FI_DEV_GPU_UTIL gauge
DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-1",device="nvidia0",modelName="NVIDIA L4"} 41
DCGM_FI_DEV_GPU_UTIL{gpu="1",UUID="GPU-2",device="nvidia1",modelName="NVIDIA L4"} 87
DCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-1",device="nvidia0",modelName="NVIDIA L4"} 20000
`;

/** The named metrics of an answer; `undefined` where it reports none. */
function loadOf(response: Response): unknown {
  const header = response.headers.get("endpoint-load-metrics");
  if (header === null) return undefined;
  expect(header).toMatch(/^JSON /);
  return JSON.parse(header.slice("JSON ".length));
}

/** Repeats the request until the answer reports this load; the test's own time limit ends it. */
async function reports(url: string, load: unknown): Promise<void> {
  while (!isDeepStrictEqual(loadOf(await fetch(url + PATHS.live)), load)) await setTimeout(10);
}

describe("busiestGpu", () => {
  it("is the larger of two GPUs, as a share", () => expect(busiestGpu(DCGM_PAGE)).toBe(0.87));
  it("is undefined where the page names no GPU", () => expect(busiestGpu("# EOF\n")).toBeUndefined());
});

describe("endpoint-load-metrics", () => {
  let dcgm: Server;
  let dcgmUrl: string;
  let status: number;
  let gateway: RunningGateway | undefined;

  beforeEach(async () => {
    status = 200;
    dcgm = createServer((_request, response) => response.writeHead(status).end(DCGM_PAGE)).listen(0, "127.0.0.1");
    await once(dcgm, "listening");
    const address = dcgm.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    dcgmUrl = `http://127.0.0.1:${address.port}/metrics`;
  });

  afterEach(async () => {
    await gateway?.close();
    dcgm.close();
  });

  it("reports the busiest GPU and the fullest model's places with every answer", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const engine = await startEngine(async (_asked, response) => {
      await held;
      response.writeHead(500).end();
    });
    gateway = await startGateway({ baseUrl: engine.baseUrl, concurrency: 4, gpuMetricsUrl: dcgmUrl });
    const pending = gateway.post(TASKS.news.path, NEWS_BODY);
    const reported = { named_metrics: { gpu_util: 0.87, queue_fill: 0.25 } };
    await reports(gateway.url, reported);
    release();
    await pending;
    await engine.close();
  });

  it.each([
    [TASKS.news.path, { ...NEWS_BODY, stream: true }],
    [TASKS.chat.path, { messages: [{ role: "user", content: "Hello" }] }],
  ])("reports the load in the head of a stream of %s", async (path, body) => {
    const engine = await startEngine((_asked, response) => {
      response.end(`${chunk("Hi", "stop")}data: [DONE]\n\n`);
    });
    gateway = await startGateway({ baseUrl: engine.baseUrl, concurrency: 4, gpuMetricsUrl: dcgmUrl });
    const response = await gateway.post(path, body);
    const text = await response.text();
    await engine.close();
    expect(text).toContain("Hi");
    expect(loadOf(response)).toMatchObject({ named_metrics: { queue_fill: expect.any(Number) } });
  });

  it("leaves the GPU out while DCGM does not answer", async () => {
    status = 503;
    const engine = await startEngine((_asked, response) => void response.end());
    gateway = await startGateway({ baseUrl: engine.baseUrl, gpuMetricsUrl: dcgmUrl });
    expect(loadOf(await fetch(gateway.url + PATHS.live))).toEqual({ named_metrics: { queue_fill: 0 } });
    await engine.close();
  });

  it("is not sent unless GPU_METRICS_URL is set", async () => {
    const engine = await startEngine((_asked, response) => void response.end());
    gateway = await startGateway({ baseUrl: engine.baseUrl });
    expect(loadOf(await fetch(gateway.url + PATHS.live))).toBeUndefined();
    await engine.close();
  });
});
