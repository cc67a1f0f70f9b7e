/** The documented values of production, changed as a person changes settings. */
import { exampleValues } from "../charts/llm-serving/helm";
import { at } from "../charts/llm-serving/manifests";
import { isObject, type JsonObject } from "../support/json";

interface Colour {
  /** Of its image. */
  readonly tag: string;
  readonly minReplicas: number;
  readonly extraReplicas?: number;
}

export interface Changes {
  readonly blue?: Colour;
  /** @default not deployed */
  readonly green?: Colour;
  readonly serving?: "blue" | "green" | "both";
  /** How many of the three models. @default all */
  readonly models?: number;
}

const BLUE: Colour = { tag: "v1", minReplicas: 2, extraReplicas: 2 };

export function productionValues(changes: Changes = {}): JsonObject {
  const { blue = BLUE, green, serving = "blue", models } = changes;
  const values = exampleValues("production.yaml");
  const engines = at(values, "engines");
  const names = Object.entries(at(engines, "models")).filter(([, model]) => isObject(model));
  return {
    ...values,
    engines: {
      ...engines,
      models: Object.fromEntries(names.slice(0, models)),
      colours: { serving, blue: colour(blue), ...(green === undefined ? {} : { green: colour(green) }) },
    },
  };
}

function colour({ tag, minReplicas, extraReplicas = 0 }: Colour): JsonObject {
  return { image: `registry.example.com/acme/vllm:${tag}`, minReplicas, extraReplicas };
}
