/** The `gcloud` command, which brings the operator's own login, and nothing else of Google's. */
import { spawn } from "node:child_process";
import { OpsError } from "./ops-error";

/** What a command printed and how it ended. */
export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `gcloud` with these arguments, one each: no shell reads them. */
export type Gcloud = (args: readonly string[]) => Promise<CommandResult>;

/** @throws OpsError where there is no `gcloud` on the PATH */
export const gcloud: Gcloud = (args) =>
  new Promise((resolve, reject) => {
    const child = spawn("gcloud", [...args], { env: process.env, stdio: ["ignore", "pipe", "pipe"] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", () =>
      reject(new OpsError("gcloud was not found on the PATH: https://cloud.google.com/sdk/docs/install")),
    );
    child.on("close", (status) =>
      resolve({
        status: status ?? 1,
        stdout: Buffer.concat(out).toString("utf8"),
        stderr: Buffer.concat(err).toString("utf8"),
      }),
    );
  });

/** As a person would type it. */
export function commandText(args: readonly string[]): string {
  return ["gcloud", ...args]
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
}

/** What a command printed. @throws OpsError with its error line where it failed */
export async function gcloudOutput(run: Gcloud, args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(args);
  if (status !== 0) throw new OpsError(`${commandText(args)} failed: ${lastWords(stderr)}`);
  return stdout;
}

/** Its line of error, or else its last line. */
export function lastWords(stderr: string): string {
  const lines = stderr.trim().split("\n");
  return lines.find((line) => line.startsWith("ERROR:")) ?? (lines.at(-1) || "it said nothing");
}
