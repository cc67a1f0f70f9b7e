import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { METRIC_CONTRACT } from "../../../observability/metrics/contract";
import { type StandIns, standInGpu, startStandIns } from "../../../tools/dashboards/stand-ins";
import { parsePrometheusText } from "../../constructs/prometheus-text";

describe("the stand-ins of what this machine does not have", () => {
  let standIns: StandIns;
  beforeAll(async () => {
    standIns = await startStandIns([{ instance: "llm-vm-1", url: "http://127.0.0.1:1" }]);
  });
  afterAll(() => standIns.close());

  it("expose metrics of the contract alone, with its labels", async () => {
    const pages = await Promise.all(
      standIns.targets.map(async ({ address, path }) => (await fetch(`http://${address}${path}`)).text()),
    );
    const samples = pages.flatMap(parsePrometheusText);
    expect(samples.length).toBeGreaterThan(10);
    for (const { name, labels } of samples) {
      const metric = METRIC_CONTRACT.find((known) => known.name === name);
      expect({ name, known: metric !== undefined }).toEqual({ name, known: true });
      expect(Object.keys(labels)).toEqual(expect.arrayContaining([...(metric?.labels ?? [])]));
    }
  });

  it("answer 404 to anything else", async () => {
    const [target] = standIns.targets;
    expect((await fetch(`http://${target?.address}/elsewhere`)).status).toBe(404);
  });

  it("have a GPU that works the more its engine does, and no more than it can", () => {
    const utilization = (running: number) => parsePrometheusText(standInGpu(running, "llm-vm-1"))[0]?.value;
    expect([0, 3, 12, 30].map(utilization)).toEqual([0, 50, 100, 100]);
  });
});
