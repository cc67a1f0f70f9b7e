import { billOf } from "../../planning/bill";
import { monthlyCost } from "../../planning/cost";
import { CATALOGUE_DATE, hasPrices } from "../../planning/prices";
import { rule } from "./rule";

/** The largest scale that the settings allow stays within the budget. */
export const budgetRules = [
  rule(
    ["profile", "region", "machine", "groups", "domain", "data", "monitoring", "kubernetes", "budget"],
    (settings) => {
      const { region, budget } = settings;
      if (!hasPrices(region)) {
        return [
          {
            path: "region",
            value: region,
            rule: "has no prices in the catalogue, so the budget cannot be checked",
            fix: "add the region to planning/prices.ts with its source",
          },
        ];
      }
      const maxUsd = Object.values(billOf(settings)).reduce((sum, bill) => sum + monthlyCost(bill).maxUsd, 0);
      if (maxUsd <= budget.monthlyUsd) return [];
      return [
        {
          path: "budget.monthlyUsd",
          value: budget.monthlyUsd,
          rule: `is less than the ${Math.ceil(maxUsd)} US dollars that a month may cost (list prices of ${CATALOGUE_DATE})`,
          fix: `raise it to ${Math.ceil(maxUsd)}, or choose fewer or smaller machines`,
        },
      ];
    },
  ),
];
