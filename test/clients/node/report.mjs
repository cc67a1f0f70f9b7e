/** What every Node client reports: one line of JSON a scene, with its value or its error. */

export const client = process.env.CLIENT_NAME ?? "";
export const model = process.env.CLIENT_MODEL ?? "";
export const baseURL = process.env.OPENAI_BASE_URL;
export const apiKey = process.env.OPENAI_API_KEY;
export const WRONG_KEY = "sk-wrong";
/** Milliseconds after which the scene `slow` is given up. */
export const TIMEOUT_MS = 400;
/** Words that the scene `abort` reads before it leaves. */
export const WORDS_READ = 3;
/** Longer than the stub's context. */
export const LONG_TEXT = "word ".repeat(8_000);
export const CITY_SCHEMA = {
  type: "object",
  properties: { city: { type: "string" }, celsius: { type: "number" } },
  required: ["city", "celsius"],
  additionalProperties: false,
};
export const TOOL_PARAMETERS = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
};
export const TOOL_RESULT = "21 degrees in Seoul";

/** The text of a scene's user message, by which the stub knows what to do. */
export function prompt(scene, text = "How are you?") {
  return `${scene} ${client}: ${text}`;
}

/** @param {Readonly<Record<string, () => Promise<unknown>>>} scenes by name, run in the order of the command line */
export async function run(scenes) {
  for (const scene of process.argv.slice(2)) {
    const work = scenes[scene];
    // What a client has no call for is not in its table.
    if (work === undefined) continue;
    const startedMs = performance.now();
    const outcome = await work().then(
      (value) => ({ value }),
      (error) => ({ error: described(error) }),
    );
    console.log(JSON.stringify({ scene, ...outcome, ms: Math.round(performance.now() - startedMs) }));
  }
}

/** Collects what came before a stream raised. */
export async function untilItRaises(stream, textOf) {
  let text = "";
  try {
    for await (const part of stream) text += textOf(part);
  } catch (error) {
    return { text, raised: described(error) };
  }
  return { text, raised: null };
}

function described(error) {
  const type = error.constructor?.name;
  return {
    type: type === "Error" ? error.name : type,
    status: error.status ?? error.statusCode ?? null,
    code: error.code ?? null,
    message: String(error.message),
  };
}
