import { describe, expect, it } from "@jest/globals";
import { dump, load } from "js-yaml";
import { z } from "zod";
import { ALERTS, RULE_GROUPS } from "../../observability/alerts/catalogue";
import { ruleFiles } from "../../observability/prometheus/rule-files";
import { ruleTestFiles } from "../../observability/prometheus/rule-tests";
import { describeWith } from "../../testing/programs";
import { checkRules, type Files, testRules } from "./promtool";

const RUNBOOKS = "https://example.com/runbooks";
const rules = ruleFiles(RUNBOOKS);
const tests = ruleTestFiles(RUNBOOKS);

describe("ruleFiles", () => {
  it("writes one file a group, under names that stay", () => {
    expect(Object.keys(rules)).toEqual([
      "slo-availability.yaml",
      "slo-first-token.yaml",
      "slo-goodput.yaml",
      "service.yaml",
      "gateway.yaml",
      "engine.yaml",
      "start.yaml",
      "gpu.yaml",
      "store.yaml",
      "node.yaml",
      "site.yaml",
      "cluster.yaml",
      "platform.yaml",
    ]);
  });

  it("writes the same text every time", () => {
    expect(ruleFiles(RUNBOOKS)).toEqual(rules);
    expect(ruleTestFiles(RUNBOOKS)).toEqual(tests);
  });

  it("records a series before an alert reads it", () => {
    const recorded = new Set<string>();
    for (const { recordings, alerts } of RULE_GROUPS) {
      for (const { record } of recordings) recorded.add(record);
      for (const { condition } of alerts) {
        for (const [name] of condition.promql.matchAll(/\bslo:\w+:\w+/g)) expect(recorded).toContain(name);
      }
    }
    expect(recorded.size).toBeGreaterThan(0);
  });

  it("fits into a machine's metadata, with room for everything else", () => {
    const bytes = Object.values(rules).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    // A metadata value holds 256 KiB. https://cloud.google.com/compute/docs/metadata/setting-custom-metadata
    expect(bytes).toBeLessThan(64 * 1024);
  });
});

/** The same files with something in one of them replaced; the text must be there. */
function planted(files: Files, file: string, text: string, replacement: string): Files {
  const before = files[file];
  if (before?.includes(text) !== true) throw new Error(`${file} has no ${text}`);
  return { ...files, [file]: before.replaceAll(text, replacement) };
}

const testFile = z.looseObject({ tests: z.array(z.looseObject({ name: z.string() })) });

/** Of the files those about one alert of a group: promtool evaluates the whole group for each test of it. */
function only(group: string, alert: string): readonly [Files, Files] {
  const ofAlert = Object.entries(tests)
    .filter(([name]) => name.startsWith(`${group}-`))
    .map(([name, text]) => {
      const file = testFile.parse(load(text));
      return [name, { ...file, tests: file.tests.filter((test) => test.name.startsWith(`${alert}: `)) }] as const;
    })
    .filter(([, file]) => file.tests.length > 0);
  expect(ofAlert).not.toEqual([]);
  return [
    Object.fromEntries(Object.entries(rules).filter(([name]) => name === `${group}.yaml`)),
    Object.fromEntries(ofAlert.map(([name, file]) => [name, dump(file)])),
  ];
}

describeWith(["promtool"], "rules under promtool", () => {
  it("are valid, every one", () => {
    const { status, output } = checkRules(rules);
    expect({ status, output }).toEqual({ status: 0, output: expect.not.stringContaining("FAILED") });
    const found = [...output.matchAll(/SUCCESS: (\d+) rules found/g)].map(([, count]) => Number(count));
    const recordings = RULE_GROUPS.flatMap((group) => group.recordings);
    expect(found.reduce((sum, count) => sum + count, 0)).toBe(ALERTS.length + recordings.length);
  });

  it("fire on each firing example, and stay quiet on each quiet one", () => {
    expect(testRules(rules, tests)).toEqual({ status: 0, output: expect.not.stringContaining("FAILED") });
  });

  it("fail with a planted sum over targets that are gone, which never fires", () => {
    const [nodeRules, nodeTests] = only("node", "GatewayAbsent");
    const broken = planted(nodeRules, "node.yaml", 'absent(up{job=~"(.+/)?gateway"})', 'sum(up{job="gateway"}) == 0');
    expect(testRules(broken, nodeTests)).toMatchObject({ status: 1, output: expect.stringContaining("GatewayAbsent") });
  });

  it.each([
    [
      "a counter without its suffix",
      "engine",
      "vllm:num_preemptions_total",
      "vllm:num_preemptions",
      "EnginePreemptions",
    ],
    ["a bound that no bucket has", "slo-first-token", 'le=\\"2\\"', 'le=\\"2.5\\"', "FirstTokenBudgetBurn1h"],
    ["the operator's job name left out", "node", "(.+/)?gateway", "gateway", "GatewayAbsent"],
    ["a circuit that is read at one moment only", "engine", "min_over_time", "max_over_time", "EndpointDown"],
    ["a threshold ten times too low", "service", "> 100", "> 10", "QueueLong"],
    ["a notice that is not remembered", "gateway", "[15m]", "[15s]", "Preempted"],
  ])("fail with %s", (_, group, text, replacement, alert) => {
    const [groupRules, groupTests] = only(group, alert);
    const file = `${group}.yaml`;
    const inYaml = groupRules[file]?.includes(text) === true ? text : text.replaceAll("\\", "");
    const broken = planted(groupRules, file, inYaml, replacement.replaceAll("\\", inYaml === text ? "\\" : ""));
    const outcome = testRules(broken, groupTests);
    expect(outcome).toMatchObject({ status: 1, output: expect.stringContaining(alert) });
  });
});
