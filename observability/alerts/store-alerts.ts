import { GATEWAY_METRICS } from "../metrics/gateway-metrics";
import type { Duration } from "../promql/duration";
import { absent, max, now, offset } from "../promql/functions";
import { above, and, operate, or } from "../promql/operators";
import { select } from "../promql/select";
import type { Alert } from "../rules/alert";

const { dependencyUp, lastBackup, ready } = GATEWAY_METRICS;
const READY = `${ready.name}{job="gateway", instance="llm-vm-1"}`;

/** Hours: a nightly backup and two hours of grace. Source: R-101. */
const BACKUP_LIMIT_HOURS = 26;
const BACKUP_LIMIT: Duration = `${BACKUP_LIMIT_HOURS}h`;

const dependency = (name: string, instance = "llm-vm-1") =>
  `${dependencyUp.name}{job="gateway", instance="${instance}", dependency="${name}"}`;

/** No gateway reaches it: one that alone does not has trouble of its own. */
const downForAll = (name: string) => operate(max(select(dependencyUp, { dependency: name }), ["dependency"]), "==", 0);

function storeDown(
  alert: Pick<Alert, "description" | "name" | "severity" | "summary"> & { readonly dependency: string },
): Alert {
  const { dependency: name, ...text } = alert;
  return {
    ...text,
    subject: "store",
    condition: downForAll(name),
    for: "2m",
    examples: {
      firing: [
        {
          when: "no gateway reaches it",
          at: "5m",
          series: { [dependency(name)]: "1 0x10", [dependency(name, "llm-vm-2")]: "1 0x10" },
          fires: [{ dependency: name }],
        },
      ],
      quiet: [
        { when: "it was away for a minute", at: "5m", series: { [dependency(name)]: "1 0 1x10" } },
        {
          when: "one gateway of two does not reach it",
          at: "5m",
          series: { [dependency(name)]: "1 0x10", [dependency(name, "llm-vm-2")]: "1x12" },
        },
      ],
    },
  };
}

const backup = (kind: string) => `${lastBackup.name}{job="gateway", instance="llm-vm-1", kind="${kind}"}`;

export const STORE_ALERTS: readonly Alert[] = [
  storeDown({
    name: "PostgresDown",
    severity: "critical",
    dependency: "postgresql",
    summary: "No gateway reaches PostgreSQL",
    description:
      "TILs are answered and not kept, which their answers say; what needs a stored TIL is answered 503. News summaries go on. Nothing stored is lost.",
  }),
  storeDown({
    name: "RedisDown",
    severity: "warning",
    dependency: "redis",
    summary: "No gateway reaches Redis",
    description: "Answers are not cached, and locks are refused or left out, as LOCK_REQUIRED says.",
  }),
  storeDown({
    name: "VectorStoreDown",
    severity: "warning",
    dependency: "vectors",
    summary: "No gateway reaches the vector store",
    description: "TILs and interview questions are written without context from earlier ones, and say so.",
  }),
  {
    name: "BackupStale",
    severity: "critical",
    subject: "backup",
    condition: or(
      above(operate(now(), "-", max(select(lastBackup), ["kind"])), BACKUP_LIMIT_HOURS * 3_600),
      // There never was one, and the service is older than the first had to be.
      and(absent(select(lastBackup)), max(offset(select(ready), BACKUP_LIMIT))),
    ),
    for: "30m",
    summary: "The last verified backup is older than 26 hours",
    description: "After a loss more than a day would be missing. The job's log says at which step it stopped.",
    examples: {
      firing: [
        {
          when: "the last one was thirty hours ago",
          every: "10m",
          at: "31h",
          series: { [backup("vectors")]: "0x200" },
          fires: [{ kind: "vectors" }],
        },
        {
          when: "there never was one",
          every: "10m",
          at: "27h",
          series: { [READY]: "1x200" },
          fires: [{}],
        },
      ],
      quiet: [
        {
          when: "the last one was twenty hours ago",
          every: "10m",
          at: "20h",
          series: { [backup("vectors")]: "0x200" },
        },
        {
          when: "no gateway told for twenty minutes",
          every: "10m",
          at: "28h",
          series: {
            [READY]: "1x200",
            [backup("vectors")]: "90000x160 stale _ 90000x20",
          },
        },
        {
          when: "the service is new, and its first night is to come",
          every: "10m",
          at: "20h",
          series: { [READY]: "1x200" },
        },
      ],
    },
  },
];
