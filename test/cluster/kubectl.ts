import { spawn } from "node:child_process";
import { blocksAt, type JsonObject, parseObject } from "../support/json";
import { PROGRAM } from "./control-plane/program";
import { CLUSTER_KUBECONFIG } from "./variables";

export interface Outcome {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs against the tests' cluster. */
export interface RunningProgram {
  readonly ended: Promise<Outcome>;
  readonly kill: () => void;
}

export function startInCluster(program: string, args: readonly string[], input = ""): RunningProgram {
  const kubeconfig = process.env[CLUSTER_KUBECONFIG];
  if (kubeconfig === undefined)
    throw new Error(`${CLUSTER_KUBECONFIG} is unset: run this test through its jest project`);
  const child = spawn(program, args, {
    // Releases as the stacks make them: in ConfigMaps.
    env: { ...process.env, KUBECONFIG: kubeconfig, HELM_DRIVER: "configmap" },
  });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
    });
  }
  // The program may end before it has read everything.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ ok: code === 0, ...output }));
  });
  return { ended, kill: () => void child.kill("SIGKILL") };
}

/** `kubectl`, whether it succeeds or not. */
export function tryKubectl(args: readonly string[], input?: string): Promise<Outcome> {
  return startInCluster(PROGRAM, ["kubectl", ...args], input).ended;
}

/** Standard output of `kubectl`. @throws Error with what it says where it fails */
export async function kubectl(args: readonly string[], input?: string): Promise<string> {
  const { ok, stdout, stderr } = await tryKubectl(args, input);
  if (!ok) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** `kubectl apply --server-side` with strict validation of fields. */
export function tryApply(objects: readonly object[], ...flags: readonly string[]): Promise<Outcome> {
  const list = { apiVersion: "v1", kind: "List", items: objects };
  return tryKubectl(["apply", "--server-side", "--validate=strict", ...flags, "-f", "-"], JSON.stringify(list));
}

/** @throws Error with what the API server says where it refuses one */
export async function apply(objects: readonly object[], ...flags: readonly string[]): Promise<void> {
  const { ok, stderr } = await tryApply(objects, ...flags);
  if (!ok) throw new Error(stderr);
}

/** The objects of a kind, such as `pods`. */
export async function objects(kind: string, ...flags: readonly string[]): Promise<readonly JsonObject[]> {
  return blocksAt(parseObject(await kubectl(["get", kind, ...flags, "--output=json"])), "items");
}
