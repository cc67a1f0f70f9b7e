import { messageOf } from "../../shared/errors/message-of";
import { type IdleLimits, judgeIdleness, type Seen } from "./idleness";
import type { MachineControl, Target } from "./machine-control";

export interface WatchdogOptions {
  readonly control: MachineControl;
  /** What was seen of a target lately. */
  readonly seen: (target: Target) => Promise<Seen>;
  /** Why a target is busy at this moment; undefined where it is not. */
  readonly busyNow: (target: Target) => Promise<string | undefined>;
  readonly limits: IdleLimits;
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean;
  readonly print: (line: string) => void;
}

/**
 * One look at every target: what has been idle for long enough is stopped, beyond those that must stay. Right before
 * that it is looked at again, and its gateways' metrics are read. A target without readings is left alone, as is one
 * that could not be looked at.
 * @returns whether every target could be looked at, and stopped where it had to be
 */
export async function watch(options: WatchdogOptions): Promise<boolean> {
  const { control, print } = options;
  const targets = await control.targets();
  if (targets.length === 0) print("nothing runs that could be stopped");
  let running = targets.length;
  let good = true;
  for (const target of targets) {
    try {
      if (await stopped(target, running > control.floor, options)) running -= 1;
    } catch (thrown) {
      good = false;
      print(`${target.name}: left alone: ${messageOf(thrown)}`);
    }
  }
  return good;
}

async function stopped(target: Target, mayGo: boolean, options: WatchdogOptions): Promise<boolean> {
  const { seen, limits, dryRun, print, control } = options;
  const verdict = judgeIdleness(await seen(target), limits);
  if (!verdict.idle) {
    print(`${target.name}: in use: ${verdict.why}`);
    return false;
  }
  const idle = `idle for ${limits.checks} checks of ${limits.everySeconds} s`;
  if (!mayGo) {
    print(`${target.name}: ${idle}; stays, because ${control.floor} must`);
    return false;
  }
  // The others took their time: now is what counts.
  const now = await whyNotNow(target, options);
  if (now !== undefined) {
    print(`${target.name}: ${idle}, and in use again: ${now}`);
    return false;
  }
  print(`${target.name}: ${idle}; ${dryRun ? `would ${target.action}` : await target.stop()}`);
  return true;
}

async function whyNotNow(target: Target, { seen, busyNow, limits }: WatchdogOptions): Promise<string | undefined> {
  const verdict = judgeIdleness(await seen(target), limits);
  return verdict.idle ? busyNow(target) : verdict.why;
}
