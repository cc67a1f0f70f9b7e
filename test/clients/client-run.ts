import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { ClientProgram } from "./programs";

const errorSchema = z.object({
  type: z.string(),
  status: z.number().nullable(),
  code: z.unknown(),
  message: z.string(),
});

const lineSchema = z.object({
  scene: z.string(),
  value: z.unknown().optional(),
  error: errorSchema.optional(),
  /** By the client's own clock. */
  ms: z.number(),
});

/** How a scene went for a client. */
export type SceneOutcome = z.output<typeof lineSchema>;

export interface RunOptions {
  /** Ends in `/v1`. */
  readonly baseUrl: string;
  readonly key: string;
  readonly model: string;
  readonly embedder: string;
  readonly scenes: readonly string[];
}

/** Runs scenes with a client, one after the other. @throws Error with its output where the program itself fails */
export async function runClient(
  client: ClientProgram,
  options: RunOptions,
): Promise<ReadonlyMap<string, SceneOutcome>> {
  const { baseUrl, key, model, embedder, scenes } = options;
  const [program, ...args] = client.command;
  const child = spawn(program, [...args, ...scenes.filter((scene) => !client.lacks.includes(scene))], {
    env: {
      PATH: process.env.PATH,
      OPENAI_BASE_URL: baseUrl,
      OPENAI_API_KEY: key,
      CLIENT_NAME: client.name,
      CLIENT_MODEL: model,
      CLIENT_EMBEDDER: embedder,
      // Nothing is written beside the source.
      PYTHONDONTWRITEBYTECODE: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const code = new Promise<number | null>((resolve) => child.once("close", resolve).once("error", () => resolve(null)));
  const outcomes = new Map<string, SceneOutcome>();
  for await (const line of createInterface(child.stdout)) {
    const outcome = lineSchema.parse(JSON.parse(line));
    outcomes.set(outcome.scene, outcome);
  }
  if ((await code) !== 0) throw new Error(`${client.name} ended with ${await code}:\n${errors}`);
  return outcomes;
}
