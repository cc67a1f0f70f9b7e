/**
 * The product's rules and routes in time-lapse: their minutes become seconds, so that a test can see an
 * alert fire and end. Every duration is divided by one factor, those of rules (`for`, windows, offsets), of routes
 * (waits of a group) and of scrapes. What is no duration stays: thresholds, rates a second, and the gateway's own
 * times, as the 30 s that a circuit stays open.
 */
import { dump, load } from "js-yaml";
import { z } from "zod";

export type Milliseconds = `${number}ms`;

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration that many times shorter. @throws RangeError for what is none, or is shorter than a millisecond then */
export function shorter(duration: string, factor: number): Milliseconds {
  const [, amount, unit = ""] = /^(\d+)([smhd])$/.exec(duration) ?? [];
  const ms = Math.floor((Number(amount) * (UNIT_MS[unit] ?? Number.NaN)) / factor);
  if (!(ms >= 1)) throw new RangeError(`${duration} divided by ${factor} is no duration`);
  return `${ms}ms`;
}

/** Windows and offsets of PromQL. Names of recorded series hold durations too, which are only names. */
const IN_PROMQL = /(?<=\[|\boffset )\d+[smhd]\b/g;

const ruleFile = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(z.looseObject({ expr: z.string(), for: z.string().optional() })),
    }),
  ),
});

/** A rule file that many times faster. */
export function fasterRules(yaml: string, factor: number): string {
  const { groups } = ruleFile.parse(load(yaml));
  const faster = groups.map((group) => ({
    ...group,
    rules: group.rules.map((rule) => ({
      ...rule,
      expr: rule.expr.replace(IN_PROMQL, (duration) => shorter(duration, factor)),
      ...(rule.for !== undefined && { for: shorter(rule.for, factor) }),
    })),
  }));
  return dump({ groups: faster }, { lineWidth: -1, noRefs: true });
}

const waits = { group_wait: z.string(), group_interval: z.string(), repeat_interval: z.string() };
const route = z.looseObject({ ...waits, routes: z.array(z.looseObject(waits)) });
const alertmanagerFile = z.looseObject({ route });

/** Alertmanager's configuration that many times faster. */
export function fasterRoutes(yaml: string, factor: number): string {
  const config = alertmanagerFile.parse(load(yaml));
  const faster = <Waits extends z.output<z.ZodObject<typeof waits>>>(one: Waits) => ({
    ...one,
    group_wait: shorterOrNone(one.group_wait, factor),
    group_interval: shorter(one.group_interval, factor),
    repeat_interval: shorter(one.repeat_interval, factor),
  });
  const top = { ...faster(config.route), routes: config.route.routes.map(faster) };
  return dump({ ...config, route: top }, { lineWidth: -1, noRefs: true });
}

/** A group's wait, unlike its intervals, may be none. */
function shorterOrNone(duration: string, factor: number): string {
  return duration === "0s" ? duration : shorter(duration, factor);
}
