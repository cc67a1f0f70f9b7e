import { z } from "zod";
import { ENV } from "../contract/variables";
import { isLoopback } from "../shared/loopback";
import { httpUrlSchema } from "./value-kinds";
import { optionalVariable, variable } from "./variable";

/** A bucket's name by Cloud Storage's rules, and a prefix of plain path segments. */
const BUCKET_URL = /^gs:\/\/[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*\/?$/;

/** Where backups are kept. */
export const BACKUP_VARIABLES = {
  backupDestination: optionalVariable({
    name: ENV.backupDestination,
    about: "Where `backup` keeps backups",
    value: {
      unit: "`gs://bucket/prefix`, or a path",
      rule: "gs://BUCKET, gs://BUCKET/PREFIX, or the path of a folder",
      schema: z
        .string()
        .min(1)
        .refine((text) => !text.includes("://") || BUCKET_URL.test(text))
        .transform((text) => (text === "/" ? text : text.replace(/\/+$/, ""))),
    },
    unset: "`backup` does nothing and says so",
    example: "gs://terrace-backups/production",
  }),
  storageUrl: variable({
    name: ENV.storageUrl,
    about: "Cloud Storage's endpoint",
    value: {
      unit: "URL",
      rule: "an https:// URL, or an http:// one of this machine: access tokens are sent to it",
      schema: httpUrlSchema.refine((url) => url.startsWith("https:") || isLoopback(new URL(url).hostname)),
    },
    default: "https://storage.googleapis.com",
    example: "http://127.0.0.1:4443",
  }),
} as const;
