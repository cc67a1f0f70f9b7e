import { type Config, ConfigError, VARIABLES } from "../../config/config";
import { AccessTokens } from "../../shared/access-token";
import { GoogleClient } from "../google/google-client";
import { BucketDestination } from "./bucket/bucket-destination";
import type { BackupDestination } from "./destination";
import { FolderDestination } from "./folder-destination";

/** The configured destination; no request is sent yet. @throws ConfigError where none is configured */
export function openDestination({ backup, metadataUrl }: Pick<Config, "backup" | "metadataUrl">): BackupDestination {
  const { destination, storageUrl } = backup;
  if (destination === undefined) {
    const { name, rule, example } = VARIABLES.backupDestination;
    throw new ConfigError([`${name} is not set: it must be ${rule}; for example ${name}='${example}'`]);
  }
  if (!destination.startsWith("gs://")) return new FolderDestination(destination);
  const [bucket = "", ...segments] = destination.slice("gs://".length).split("/");
  const client = new GoogleClient({ tokens: new AccessTokens(metadataUrl) });
  return new BucketDestination({ client, storageUrl, bucket, prefix: segments.join("/") });
}
