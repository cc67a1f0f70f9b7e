import { type Logger, pino } from "pino";
import type { Config } from "../config/config";
import { LOG_MASKING } from "../shared/redaction/log-masking";

/** Writes a line to a terminal, or a log entry where there is none. */
export type Say = (line: string, fields?: Readonly<Record<string, unknown>>) => void;

/** Where a running gateway writes. */
export interface Output {
  readonly log: Logger;
  readonly say: Say;
  readonly warn: Say;
  /** A person watches: one line for what matters. Otherwise everything is JSON. */
  readonly watched: boolean;
}

export function openOutput({ logLevel }: Pick<Config, "logLevel">): Output {
  const watched = process.stdout.isTTY === true;
  const log = pino({ ...LOG_MASKING, level: logLevel ?? (watched ? "warn" : "info") });
  return {
    log,
    watched,
    say: (line, fields = {}) => (watched ? console.log(line) : log.info(fields, line)),
    warn: (line, fields = {}) => (watched ? console.warn(line) : log.warn(fields, line)),
  };
}
