import { billOf } from "../../planning/bill";
import { monthlyCost } from "../../planning/cost";
import { CATALOGUE_DATE } from "../../planning/prices";
import type { Settings } from "../../settings/schema/settings";
import type { SynthesizedStack } from "../synthesis";

/** Rows of the overview: stack, resources, cost a month. The last row of each environment is its sum. */
export type OverviewRow = readonly [stack: string, resources: string, cost: string];

/** The table's rows, environment by environment. */
export function overviewRows(environments: readonly Settings[], stacks: readonly SynthesizedStack[]): OverviewRow[] {
  return environments.flatMap((settings) => environmentRows(settings, stacks));
}

function environmentRows(settings: Settings, stacks: readonly SynthesizedStack[]): OverviewRow[] {
  const bills = new Map(Object.entries(billOf(settings)).map(([kind, bill]) => [kind, monthlyCost(bill)]));
  const prefix = `${settings.environment}-`;
  const own = stacks.filter(({ id }) => id.startsWith(prefix));
  const rows = own.map(({ id, resources }): OverviewRow => {
    const cost = bills.get(id.slice(prefix.length));
    return [id, String(resources), cost === undefined ? "free" : range(cost.minUsd, cost.maxUsd)];
  });
  const totals = [...bills.values()];
  const sum = (pick: (cost: { minUsd: number; maxUsd: number }) => number) =>
    totals.reduce((all, cost) => all + pick(cost), 0);
  const resources = own.reduce((all, stack) => all + stack.resources, 0);
  return [
    ...rows,
    [
      `${settings.environment} in all`,
      String(resources),
      range(
        sum((c) => c.minUsd),
        sum((c) => c.maxUsd),
      ),
    ],
  ];
}

/** Whole dollars, one figure where the least and the most agree. */
function range(minUsd: number, maxUsd: number): string {
  const [min, max] = [Math.round(minUsd), Math.round(maxUsd)];
  return min === max ? `$${min}` : `$${min} to $${max}`;
}

/** Notes below the table. */
export function overviewNotes(environments: readonly Settings[]): string[] {
  const notes = [
    `Cost a month in US dollars: list prices of ${CATALOGUE_DATE}, without traffic, requests, logs and taxes.`,
  ];
  for (const { environment, domain, images } of environments) {
    if (domain === null) notes.push(`${environment}: no domain, so plain HTTP on :80. For trials only.`);
    const unpublished = Object.entries(images).filter(([, image]) => image.digest === UNPUBLISHED_DIGEST);
    if (unpublished.length > 0) {
      const variables = unpublished.map(([name]) => `TERRACE_${environment.toUpperCase()}_${name.toUpperCase()}_IMAGE`);
      notes.push(`${environment}: set ${variables.join(" and ")} to the pushed digests before you deploy.`);
    }
  }
  return notes;
}

/** Placeholder in an environment file until CI sets the digest that it pushed. */
const UNPUBLISHED_DIGEST = `sha256:${"0".repeat(64)}`;
