/**
 * What to do next with a machine, from what is seen of it: pure, so an operation that was broken off goes on where it
 * stopped, and one that is repeated does nothing.
 */
import type { Observation } from "./observation";

/** What an operator wants of a machine. */
export type Goal =
  /** Out of traffic, with nothing in flight; the machine stays up. Until its next boot. */
  | { readonly kind: "drain" }
  /** In traffic again. */
  | { readonly kind: "undrain" }
  /** Booted anew, and in traffic. `bootId`: of the boot that is to end. */
  | { readonly kind: "restart"; readonly bootId: string | undefined };

/** Something that changes a machine. */
export type Action =
  /** The gateway drains by itself when it is stopped; the engines follow once it is gone. */
  "stop-unit" | "start-unit" | "reboot" | "start-machine";

export type OpsStep =
  | { readonly kind: "act"; readonly action: Action }
  | { readonly kind: "wait"; readonly until: string }
  | { readonly kind: "done"; readonly says: string }
  | { readonly kind: "refuse"; readonly why: string };

/** Statuses in Compute Engine of a machine that is off. */
const OFF: readonly string[] = ["TERMINATED", "STOPPED", "SUSPENDED"];
/** States in systemd of a gateway that has ended. */
const ENDED: readonly string[] = ["inactive", "failed"];

/** @param last backend services that would be left without a healthy machine */
export function nextStep(goal: Goal, seen: Observation, last: readonly string[]): OpsStep {
  if (seen.status === "MISSING") return { kind: "refuse", why: "there is no such machine: apply vm-serving" };
  switch (goal.kind) {
    case "drain":
      return drainStep(seen, last);
    case "undrain":
      return undrainStep(seen);
    case "restart":
      return restartStep(goal.bootId, seen, last);
  }
}

function drainStep(seen: Observation, last: readonly string[]): OpsStep {
  if (OFF.includes(seen.status)) return { kind: "done", says: "is off: nothing to drain" };
  if (seen.status !== "RUNNING") return { kind: "wait", until: `it is ${seen.status}` };
  const { inside } = seen;
  if (inside === undefined) return { kind: "wait", until: "it answers by SSH" };
  if (!ENDED.includes(inside.gateway)) {
    if (inside.gateway === "deactivating") return { kind: "wait", until: `its answers are finished${inFlight(seen)}` };
    return last.length > 0 ? lastOne(last) : { kind: "act", action: "stop-unit" };
  }
  const sending = sendingTo(seen);
  if (sending.length > 0) return { kind: "wait", until: `${sending.join(", ")} no longer counts on it` };
  return { kind: "done", says: "is drained: no traffic and nothing in flight, until it boots or is undrained" };
}

function undrainStep(seen: Observation): OpsStep {
  if (OFF.includes(seen.status)) return { kind: "act", action: "start-machine" };
  if (seen.status !== "RUNNING") return { kind: "wait", until: `it runs; it is ${seen.status}` };
  if (seen.inside !== undefined && ENDED.includes(seen.inside.gateway)) return { kind: "act", action: "start-unit" };
  return inTraffic(seen);
}

function restartStep(bootId: string | undefined, seen: Observation, last: readonly string[]): OpsStep {
  if (OFF.includes(seen.status)) return { kind: "act", action: "start-machine" };
  if (seen.status !== "RUNNING") return { kind: "wait", until: `it runs; it is ${seen.status}` };
  const { inside } = seen;
  // It was off when this began, so any boot is a new one.
  if (bootId === undefined || (inside !== undefined && inside.bootId !== bootId)) return undrainStep(seen);
  if (inside === undefined) return { kind: "wait", until: "it answers by SSH" };
  const drained = drainStep(seen, last);
  return drained.kind === "done" ? { kind: "act", action: "reboot" } : drained;
}

function inTraffic(seen: Observation): OpsStep {
  const waiting = Object.keys(seen.healthy).filter((service) => !seen.healthy[service]);
  if (waiting.length > 0) return { kind: "wait", until: `${waiting.join(", ")} finds it healthy` };
  return { kind: "done", says: "is in traffic" };
}

function sendingTo({ healthy }: Observation): readonly string[] {
  return Object.keys(healthy).filter((service) => healthy[service]);
}

function inFlight({ inside }: Observation): string {
  return inside?.inFlight === undefined ? "" : `, ${inside.inFlight} in flight`;
}

function lastOne(services: readonly string[]): OpsStep {
  return {
    kind: "refuse",
    why: `it is the last healthy machine of ${services.join(", ")}; with --even-the-last the service is down meanwhile`,
  };
}
