import { describe, expect, it } from "@jest/globals";
import {
  CLUSTER_SHARES,
  changeProblem,
  stateProblem,
  type TrafficState,
  type TrafficTarget,
  trafficWeights,
} from "../../planning/traffic";
import { TRAFFIC_STATES as states, VMS_ALONE } from "../support/traffic-states";

/** A rule of changes: the real one, or one with a bug planted. */
type ChangeRule = (from: TrafficState, to: TrafficState) => unknown;

const every: readonly TrafficState[] = [true, false].flatMap((attached) =>
  Array.from({ length: 101 }, (_, vm) => vm).flatMap((vm) =>
    Array.from({ length: 101 }, (_, gke) => ({ vm, gke, attached })),
  ),
);
const changes = (rule: ChangeRule) =>
  states.flatMap((from) => states.filter((to) => rule(from, to) === undefined).map((to) => ({ from, to })));

/** Targets whose backends an earlier apply has made, and whose health is therefore known. The VMs always stand. */
function checked({ attached }: TrafficState): readonly TrafficTarget[] {
  return attached ? ["vm", "gke"] : ["vm"];
}

/** Changes after which traffic goes where health is not known, or which cut what is being answered. */
function blindChanges(rule: ChangeRule): readonly string[] {
  return changes(rule)
    .filter(({ from, to }) => {
      const sent: readonly TrafficTarget[] = [
        ...(to.vm > 0 ? ["vm" as const] : []),
        ...(to.gke > 0 ? ["gke" as const] : []),
      ];
      const unknown = sent.some((target) => !checked(from).includes(target));
      const cut = from.gke > 0 && !to.attached;
      return sent.length === 0 || unknown || cut;
    })
    .map(({ from, to }) => `${JSON.stringify(from)} -> ${JSON.stringify(to)}`);
}

/** The state that takes all traffic back to the VMs. */
function rollbackOf(state: TrafficState): TrafficState {
  return { ...state, vm: 100, gke: 0 };
}

/** States from which all traffic cannot be on the VMs again after one apply. */
function withoutRollback(rule: ChangeRule): readonly TrafficState[] {
  return states.filter((state) => rule(state, rollbackOf(state)) !== undefined);
}

/** States that no chain of allowed changes leads to from a state. */
function unreachable(rule: ChangeRule, start: TrafficState): readonly TrafficState[] {
  const reached = new Set<TrafficState>(states.filter((state) => same(state, start)));
  for (const state of reached) for (const next of states) if (rule(state, next) === undefined) reached.add(next);
  return states.filter((state) => !reached.has(state));
}

function same(a: TrafficState, b: TrafficState): boolean {
  return a.vm === b.vm && a.gke === b.gke && a.attached === b.attached;
}

describe("stateProblem and trafficWeights", () => {
  it("accept exactly the states of the move", () => {
    const valid = every.filter((state) => stateProblem(state) === undefined);
    expect(valid).toHaveLength(states.length);
    for (const state of states) expect(valid.some((candidate) => same(candidate, state))).toBe(true);
  });

  it("give weights that sum to 100, and never leave the load balancer without a backend", () => {
    for (const state of states) {
      expect(state.vm + state.gke).toBe(100);
      const weights = trafficWeights(state);
      expect(weights).toEqual(state.attached ? { vm: state.vm, gke: state.gke } : undefined);
      expect(state.attached || state.vm === 100).toBe(true);
    }
  });

  it("report a problem with a valid state to write instead", () => {
    const broken = every.filter((state) => stateProblem(state) !== undefined);
    // Of 20 000 states, each `expect` of its own takes longer than the rule.
    const refused = broken.filter((state) => {
      const [, vm, gke] = /vm: (\d+), gke: (\d+)/.exec(stateProblem(state)?.fix ?? "") ?? [];
      return stateProblem({ vm: Number(vm), gke: Number(gke), attached: true }) !== undefined;
    });
    expect(refused).toEqual([]);
    expect(stateProblem({ vm: 95, gke: 10, attached: true })?.rule).toContain("together they are 105");
    expect(stateProblem({ vm: 90, gke: 10, attached: true })?.rule).toContain("0, 5, 25, 50, 75, 100");
    expect(stateProblem({ vm: 95, gke: 5, attached: false })?.field).toBe("attached");
  });
});

describe("changeProblem", () => {
  it("allows no change that sends traffic to unchecked backends or cuts answers", () => {
    expect(changes(changeProblem).length).toBeGreaterThan(states.length);
    expect(blindChanges(changeProblem)).toEqual([]);
  });

  it("allows to roll back from every state in one apply", () => {
    expect(withoutRollback(changeProblem)).toEqual([]);
    for (const state of states) expect(stateProblem(rollbackOf(state))).toBeUndefined();
  });

  it("leads from every state to every other", () => {
    for (const state of states) expect(unreachable(changeProblem, state)).toEqual([]);
  });

  it("allows one step forward at a time, and any number back", () => {
    for (const { from, to } of changes(changeProblem)) {
      const [before, after] = [from, to].map(({ gke }) => CLUSTER_SHARES.indexOf(gke));
      expect(Number(after) - Number(before)).toBeLessThanOrEqual(1);
    }
    expect(changeProblem({ vm: 0, gke: 100, attached: true }, { vm: 100, gke: 0, attached: true })).toBeUndefined();
  });

  it("allows to change nothing, and names the step that a jump leaves out", () => {
    for (const state of states) expect(changeProblem(state, state)).toBeUndefined();
    const jump = changeProblem({ vm: 95, gke: 5, attached: true }, { vm: 25, gke: 75, attached: true });
    expect(jump?.rule).toContain("from 5 % to 75 % over 25, 50");
    expect(jump?.fix).toContain("vm: 75, gke: 25 first");
  });
});

describe("the checks catch a planted bug:", () => {
  it("attaching and moving in one apply", () => {
    const planted: ChangeRule = (from, to) => (from.attached || to.gke !== 5 ? changeProblem(from, to) : undefined);
    expect(blindChanges(planted)).toEqual([`${JSON.stringify(VMS_ALONE)} -> ${JSON.stringify(states[2])}`]);
  });

  it("detaching under traffic", () => {
    const planted: ChangeRule = (from, to) => (same(to, VMS_ALONE) ? undefined : changeProblem(from, to));
    expect(blindChanges(planted)).toHaveLength(CLUSTER_SHARES.length - 1);
  });

  it("a state that traffic cannot come back from", () => {
    const planted: ChangeRule = (from, to) => (from.gke === 100 && to.gke < 100 ? "stuck" : changeProblem(from, to));
    expect(withoutRollback(planted)).toEqual([{ vm: 0, gke: 100, attached: true }]);
    expect(unreachable(planted, { vm: 0, gke: 100, attached: true })).toHaveLength(states.length - 1);
  });
});
