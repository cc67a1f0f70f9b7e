/**
 * Two Deployments of each engine behind one Service, which spreads connections evenly over its pods: a colour's share
 * of the traffic is its share of the pods. Which colours it selects is one value, changed without a restart.
 */

export const COLOURS = ["blue", "green"] as const;
export type EngineColour = (typeof COLOURS)[number];

export interface ColourReplicas {
  readonly min: number;
  readonly max: number;
}

export interface ColoursInput {
  /** Percent; they sum to 100. 0 deploys none. */
  readonly shares: Readonly<Record<EngineColour, number>>;
  /** `shares`: every deployed colour. A colour: that one alone. */
  readonly serving: "shares" | EngineColour;
  /** Pods of one engine, both colours together. */
  readonly replicas: ColourReplicas;
}

export interface EngineColours {
  readonly serving: EngineColour | "both";
  readonly deployed: Partial<Readonly<Record<EngineColour, ColourReplicas>>>;
}

/**
 * Each colour is rounded up, so that 5 % is at least one pod.
 * @throws RangeError where the shares do not sum to 100 or the serving colour has none; settings are checked before.
 */
export function engineColours({ shares, serving, replicas }: ColoursInput): EngineColours {
  if (shares.blue + shares.green !== 100) {
    throw new RangeError(`blue ${shares.blue} and green ${shares.green} do not sum to 100`);
  }
  const part = (count: number, share: number) => Math.ceil((count * share) / 100);
  const deployed = Object.fromEntries(
    COLOURS.filter((colour) => shares[colour] > 0).map((colour) => [
      colour,
      { min: part(replicas.min, shares[colour]), max: part(replicas.max, shares[colour]) },
    ]),
  );
  if (serving !== "shares") {
    if (deployed[serving] === undefined) throw new RangeError(`${serving} serves, but has no pods`);
    return { serving, deployed };
  }
  if (shares.green === 0) return { serving: "blue", deployed };
  if (shares.blue === 0) return { serving: "green", deployed };
  return { serving: "both", deployed };
}
