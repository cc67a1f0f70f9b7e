import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, it } from "@jest/globals";
import type { Panel } from "../../../observability/dashboards/dashboard";
import { GATEWAY_METRICS } from "../../../observability/metrics/gateway-metrics";
import { select } from "../../../observability/promql/select";
import { filledIn, named, panelSeries } from "../../../tools/dashboards/panel-data";
import { stack } from "../../../tools/dashboards/stack";

const RANGE = { start: 0, end: 20, step: 10 };

describe("a query", () => {
  it("is filled in with everything chosen, and with four scrapes at least", () => {
    const promql = 'sum(rate(a{instance=~"$instance", pod=~"$pod", model=~"$model"}[$__rate_interval]))';
    expect(filledIn(promql, RANGE, 15)).toBe('sum(rate(a{instance=~".*", pod=~".*", model=~".*"}[60s]))');
    expect(filledIn("rate(a[$__rate_interval])", { ...RANGE, step: 600 }, 15)).toBe("rate(a[615s])");
  });

  it("names its series by their labels, a missing one by nothing", () => {
    const series = { labels: { model: "gemma" }, points: [] };
    expect(named("{{model}} {{kind}}!", series).name).toBe("gemma !");
  });
});

describe("Prometheus' answer", () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());

  async function answering(status: number, body: string, asked: string[] = []): Promise<string> {
    server = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.writeHead(status).end(body);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `http://127.0.0.1:${address.port}`;
  }

  const panel: Panel = {
    ...{ kind: "graph", title: "Users", description: "Who asks.", unit: "count", width: 24 },
    queries: [{ expression: select(GATEWAY_METRICS.activeUsers), legend: "{{instance}}" }],
  };

  it("is a named series with its points, whichever of them is no number", async () => {
    const values = [
      [0, "1"],
      [10, "NaN"],
      [20, "+Inf"],
    ];
    const asked: string[] = [];
    const url = await answering(
      200,
      JSON.stringify({ data: { result: [{ metric: { instance: "llm-vm-1" }, values }] } }),
      asked,
    );
    const [series] = await panelSeries(url, panel, RANGE, 5);
    expect(series?.name).toBe("llm-vm-1");
    expect(series?.points.map(([, value]) => value)).toEqual([1, Number.NaN, Number.POSITIVE_INFINITY]);
    expect(asked).toEqual(["/api/v1/query_range?query=gateway_active_users&start=0&end=20&step=10"]);
  });

  it("is asked for at the end alone where the panel looks back over weeks", async () => {
    const asked: string[] = [];
    const url = await answering(200, JSON.stringify({ data: { result: [{ metric: {}, value: [20, "0.5"] }] } }), asked);
    const [series] = await panelSeries(url, { ...panel, kind: "stat", instant: true }, RANGE, 5);
    expect(series?.points).toEqual([[20, 0.5]]);
    expect(asked).toEqual(["/api/v1/query?query=gateway_active_users&time=20"]);
  });

  it("is told in Prometheus' words where it is a refusal", async () => {
    const url = await answering(400, '{"error":"parse error"}');
    await expect(panelSeries(url, panel, RANGE, 5)).rejects.toThrow(/answered 400.*parse error/);
  });
});

describe("a stack", () => {
  it("adds up what lies below, and nothing where there is no number", () => {
    const layers = stack(
      [
        {
          name: "a",
          points: [
            [0, 1],
            [10, 2],
            [20, 3],
          ],
        },
        {
          name: "b",
          points: [
            [0, 10],
            [10, Number.NaN],
          ],
        },
      ],
      RANGE,
    );
    expect(layers.map(({ upper }) => upper.map(([, value]) => value))).toEqual([
      [1, 2, 3],
      [11, 2, 3],
    ]);
    expect(layers[1]?.lower).toEqual(layers[0]?.upper);
  });
});
