import { describe, expect, it } from "@jest/globals";
import { secondsOf } from "../../observability/promql/duration";
import { BURN_RATES, burns, SLO_WINDOWS } from "../../observability/slo/burn-rate";
import { AVAILABILITY, GOODPUT, OBJECTIVES, SLO_DAYS } from "../../observability/slo/objective";
import { SLO_ALERTS } from "../../observability/slo/slo-alerts";

describe("BURN_RATES", () => {
  it.each([
    ["1h", 0.02],
    ["6h", 0.05],
    ["1d", 0.1],
    ["3d", 0.1],
  ])("alert within %s of a share of %d of the month's budget", (long, share) => {
    const rate = BURN_RATES.find((candidate) => candidate.long === long);
    if (rate === undefined) throw new Error(`there is no burn rate of ${long}`);
    expect((rate.factor * secondsOf(rate.long)) / (SLO_DAYS * 86_400)).toBeCloseTo(share, 5);
  });

  it("have a short window of a twelfth of the long one", () => {
    for (const { long, short } of BURN_RATES) expect(secondsOf(long) / secondsOf(short)).toBe(12);
  });

  it("have each window recorded once", () => {
    expect([...SLO_WINDOWS].sort()).toEqual(["1d", "1h", "2h", "30m", "3d", "5m", "6h"]);
  });

  it("fire for an objective of 99.5 % at 7.2 % errors over an hour", () => {
    const [fastest] = BURN_RATES;
    if (fastest === undefined) throw new Error("there are no burn rates");
    expect(burns(AVAILABILITY, fastest).promql).toContain("slo:availability:error_ratio_1h > 0.072");
  });
});

describe("SLO_ALERTS", () => {
  it("leave out a rate that would need more failures than events", () => {
    const names = SLO_ALERTS.filter(({ objective }) => objective === GOODPUT.name).map(({ name }) => name);
    expect(names).toEqual(["GoodputBudgetBurn6h", "GoodputBudgetBurn1d", "GoodputBudgetBurn3d"]);
  });

  it("have an objective with a target and a sentence each", () => {
    for (const { target, counts } of OBJECTIVES) {
      expect(target).toBeGreaterThan(0.5);
      expect(target).toBeLessThan(1);
      expect(counts).toContain("Bad:");
    }
  });
});
