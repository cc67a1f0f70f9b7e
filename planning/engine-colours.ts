/**
 * Blue and green: two Deployments of each engine behind one Service. A Service spreads connections evenly over the pods
 * that it selects, so a colour's share of the traffic is its share of the pods; and which colours it selects at all is
 * one value, which takes effect without starting or stopping a pod.
 */

/** Colours of engine Deployments. */
export const COLOURS = ["blue", "green"] as const;
export type EngineColour = (typeof COLOURS)[number];

/** Pods of one colour of one engine. */
export interface ColourReplicas {
  readonly min: number;
  readonly max: number;
}

export interface ColoursInput {
  /** Percent of the pods; they sum to 100. 0 deploys none. */
  readonly shares: Readonly<Record<EngineColour, number>>;
  /** `shares`: every colour that is deployed. A colour: that one alone, while the other stays deployed. */
  readonly serving: "shares" | EngineColour;
  /** Pods of one engine, both colours together. */
  readonly replicas: ColourReplicas;
}

/** What the chart is told. */
export interface EngineColours {
  /** Whose pods the engines' Services select. */
  readonly serving: EngineColour | "both";
  /** Deployed colours. */
  readonly deployed: Partial<Readonly<Record<EngineColour, ColourReplicas>>>;
}

/**
 * Shares in percent as numbers of pods, each colour rounded up, so that 5 % is at least one pod: of few pods a share is
 * a coarse thing.
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
