/** Part of the contract: the generation tasks, one row each, and what is derived from a row alone. */

import type { ENV } from "./variables";

/** `interactive`: a person waits for it. `batch`: none does; it uses what interactive requests leave. */
export const REQUEST_CLASSES = ["interactive", "batch"] as const;

/** A generation task, for both sides. */
interface TaskRow {
  /** What it serves, as in the settings' reference. */
  readonly about: string;
  /** Path of its `POST` route. */
  readonly path: string;
  /** Other paths of the same handler. */
  readonly aliases: readonly string[];
  /** Class of routes in the settings, see {@link RouteClass}: its model, its groups of machines, its backend service. */
  readonly routeClass: string;
  /** Task whose entry in `MODEL_TABLE` answers where this one has none; itself: the entry is required. */
  readonly modelOf: string;
  /** Variable of the requests waiting for its model from which the fallback answers; null: their number sends nobody there. */
  readonly fallbackQueue: keyof typeof ENV | null;
  /** Class of its requests where the header `X-Request-Class` names none. */
  readonly requestClass: (typeof REQUEST_CLASSES)[number];
  /** Whether a body with `"stream": true` is answered by server-sent events. */
  readonly streamed: boolean;
  /** Whether a chain answers it, so that its stages are measured. */
  readonly chained: boolean;
  /** Whether a LoRA adapter may be due for it. */
  readonly adapted: boolean;
  /** Whether its handler logs one line a request, in the place of Fastify's two. */
  readonly ownLogLine: boolean;
}

/**
 * The generation tasks. Routes, metrics, objectives, alerts, model tables, settings, URL maps and load are derived from
 * these rows. A new task is a row, a folder `app/src/tasks/<name>/`, and what the compiler then requires:
 * - its routes in `app/src/gateway/task-routes.ts`,
 * - a body and a weight in `tools/load/errands.ts`, a body in `app/test/support/bodies.ts`, and the worst legal ones in
 *   `app/bench/bodies/worst-bodies.ts`,
 * - for a new route class, its model and groups in each of `settings/environments/`.
 *
 * `npm run docs:settings` and `docs:variables` write the pages. test/e2e/planted-task.test.ts compiles a planted row.
 */
export const TASKS = {
  /** Its alias is the name of R-38. */
  til: {
    about: "TIL generation",
    path: "/til",
    aliases: ["/generate_til"],
    routeClass: "til",
    modelOf: "til",
    fallbackQueue: null,
    requestClass: "interactive",
    streamed: true,
    chained: true,
    adapted: true,
    ownLogLine: false,
  },
  news: {
    about: "News summaries",
    path: "/news",
    aliases: [],
    routeClass: "news",
    modelOf: "news",
    fallbackQueue: null,
    requestClass: "interactive",
    streamed: true,
    chained: false,
    adapted: true,
    ownLogLine: false,
  },
  interview: {
    about: "Interview questions",
    path: "/interview",
    aliases: [],
    routeClass: "interview",
    modelOf: "interview",
    fallbackQueue: "interviewFallbackQueue",
    requestClass: "interactive",
    streamed: false,
    chained: true,
    adapted: true,
    ownLogLine: false,
  },
  /** Streamed unless the body says `"stream": false`; under its alias by OpenAI's default, only with `"stream": true`. */
  chat: {
    about: "Chat",
    path: "/api/chat",
    aliases: ["/api/chat/completions"],
    routeClass: "api",
    modelOf: "til",
    fallbackQueue: null,
    requestClass: "interactive",
    streamed: true,
    chained: false,
    adapted: false,
    ownLogLine: true,
  },
} as const satisfies Readonly<Record<string, TaskRow>>;

/** A generation task. `MODEL_TABLE` sets which model answers it. */
export type Task = keyof typeof TASKS;

/** A task whose row has the trait. */
export type TaskThatIs<Trait extends "chained" | "adapted"> = {
  [T in Task]: (typeof TASKS)[T][Trait] extends true ? T : never;
}[Task];

/** A task that `MODEL_TABLE` must have an entry of. */
export type RequiredTask = { [T in Task]: (typeof TASKS)[T]["modelOf"] extends T ? T : never }[Task];

export type OptionalTask = Exclude<Task, RequiredTask>;

/** A class of routes: one backend service, one model, and the groups of machines that serve it. */
export type RouteClass = (typeof TASKS)[Task]["routeClass"];

export function isTask(name: string): name is Task {
  return Object.hasOwn(TASKS, name);
}

/** Every task, in the order of the table. */
export const TASK_NAMES: readonly Task[] = Object.keys(TASKS).filter(isTask);

/** Paths of every task, aliases among them: what users wait for. */
export const TASK_PATHS: readonly string[] = TASK_NAMES.flatMap(pathsOf);

/** Every route class, in the order of its first task. */
export const ROUTE_CLASSES: readonly RouteClass[] = [...new Set(TASK_NAMES.map((task) => TASKS[task].routeClass))];

/** The class of everything that no other one has paths of. */
export const DEFAULT_ROUTE_CLASS: RouteClass = "api";

/** Below it lies the default class, also what is no task: administration, the list of models. */
const DEFAULT_CLASS_PREFIX = "/api";

/** Tasks that `MODEL_TABLE` must have an entry of, and those that it may leave out. */
export const REQUIRED_TASKS: readonly RequiredTask[] = TASK_NAMES.filter(isRequired);
export const OPTIONAL_TASKS: readonly OptionalTask[] = TASK_NAMES.filter((task) => !isRequired(task));

function isRequired(task: Task): task is RequiredTask {
  return TASKS[task].modelOf === task;
}

/** A task's own path, then its aliases. */
export function pathsOf(task: Task): readonly string[] {
  return [TASKS[task].path, ...TASKS[task].aliases];
}

/** Tasks of a class, in the order of the table. */
export function tasksOf(routeClass: RouteClass): readonly Task[] {
  return TASK_NAMES.filter((task) => TASKS[task].routeClass === routeClass);
}

/** Paths of a route class as a URL map is given them: `/til`, or `/api/*` with all below. */
export function routePathsOf(routeClass: RouteClass): string[] {
  const paths = tasksOf(routeClass).flatMap(pathsOf);
  if (routeClass !== DEFAULT_ROUTE_CLASS) return paths;
  return [`${DEFAULT_CLASS_PREFIX}/*`, ...paths.filter((path) => !path.startsWith(`${DEFAULT_CLASS_PREFIX}/`))];
}

/** A table with a value for each name. @param names every `Name`: the type cannot say that none is left out */
export function tableOf<Name extends string, Value>(
  names: readonly Name[],
  value: (name: Name) => Value,
): Readonly<Record<Name, Value>>;
export function tableOf(names: readonly string[], value: (name: string) => unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(names.map((name) => [name, value(name)]));
}

/** Where one task's answers come from. */
export interface ModelTableEntry {
  /** OpenAI-compatible base URL, ending in `/v1`. */
  readonly baseUrl: string;
  /** Model name as the engine serves it. */
  readonly model: string;
  /** Most requests in flight to each engine of this model from this gateway; further ones wait for a place. */
  readonly concurrency: number;
  /**
   * `dns`: every address of `baseUrl`'s host is an engine of its own, looked up again every few seconds: a headless
   * Service. @default the URL is one engine
   */
  readonly discovery?: "static" | "dns";
  /** Tokens that prompt and answer may take together. @default the engine's own `max_model_len` */
  readonly contextTokens?: number;
  /** The task whose model answers where this one cannot. @default nobody */
  readonly fallback?: Task;
}
