import { describe, expect, it } from "@jest/globals";
import { dump, load } from "js-yaml";
import { z } from "zod";
import { ALERTS, RULE_GROUPS } from "../../observability/alerts/alert-catalogue";
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
const ruleFile = z.looseObject({
  groups: z.array(
    z.looseObject({
      rules: z.array(z.looseObject({ expr: z.string(), alert: z.string().optional(), record: z.string().optional() })),
    }),
  ),
});

/**
 * Of the files what one alert needs: its tests, its rule and the recordings that this reads. promtool evaluates a whole
 * file for each of its tests, and of an error budget that is a dozen rules over days.
 * @param name of the rule file
 */
function only(group: string, alert: string, name = `${group}.yaml`): readonly [Files, Files] {
  const { groups } = ruleFile.parse(load(rules[`${group}.yaml`] ?? ""));
  const read = groups.flatMap((each) => each.rules.flatMap((rule) => (rule.alert === alert ? [rule.expr] : [])));
  const needed = groups.map((each) => ({
    ...each,
    rules: each.rules.filter(
      ({ alert: its, record }) => its === alert || (record !== undefined && read.some((expr) => expr.includes(record))),
    ),
  }));
  const testsOfAlert = Object.entries(tests)
    .filter(([file]) => file.startsWith(`${group}-`))
    .map(([file, text]) => {
      const parsed = testFile.parse(load(text));
      const its = parsed.tests.filter((test) => test.name.startsWith(`${alert}: `));
      return [`${alert}-${file}`, { ...parsed, rule_files: [`../rules/${name}`], tests: its }] as const;
    })
    .filter(([, file]) => file.tests.length > 0);
  expect(testsOfAlert).not.toEqual([]);
  return [
    { [name]: dump({ groups: needed }) },
    Object.fromEntries(testsOfAlert.map(([file, content]) => [file, dump(content, { noRefs: true })])),
  ];
}

/** Every test: alerts without recordings by group, the others one by one. */
function allTests(): readonly [Files, Files] {
  const split = RULE_GROUPS.filter(({ recordings }) => recordings.length > 0);
  const whole = Object.entries(tests).filter(([file]) => !split.some(({ name }) => file.startsWith(`${name}-`)));
  const single = split.flatMap(({ name, alerts }) =>
    alerts.map((alert) => only(name, alert.name, `${name}.${alert.name}.yaml`)),
  );
  return [
    Object.fromEntries([rules, ...single.map(([its]) => its)].flatMap((files) => Object.entries(files))),
    Object.fromEntries([...whole, ...single.flatMap(([, its]) => Object.entries(its))]),
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
    const [allRules, all] = allTests();
    const examples = (files: Files) =>
      Object.values(files).flatMap((text) => testFile.parse(load(text)).tests.map(({ name }) => name));
    expect(examples(all).sort()).toEqual(examples(tests).sort());
    expect(testRules(allRules, all)).toEqual({ status: 0, output: expect.not.stringContaining("FAILED") });
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
    ["a bound that no bucket has", "slo-first-token", "2(", "2.5(", "FirstTokenBudgetBurn1h"],
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
