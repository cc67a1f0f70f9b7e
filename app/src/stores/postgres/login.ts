import type { Config } from "../../config/config";
import { ENV } from "../../contract/variables";
import { AccessTokens } from "../../shared/access-token";
import { isLoopback } from "../../shared/loopback";
import { tlsWithAuthority } from "../authority-file";
import type { PostgresLogin } from "./database";

export interface LoginOptions
  extends Pick<Config["stores"], "databaseAuth" | "databaseCaFile">,
    Pick<Config, "metadataUrl"> {
  readonly databaseUrl: string;
}

/** Parameters of the URL that the authority's file decides in their place. */
const TLS_PARAMETERS = ["sslmode", "sslrootcert", "sslcert", "sslkey", "ssl"];

/**
 * How to get into a configured PostgreSQL.
 * @throws ConfigError where the authority's file cannot be read
 */
export function postgresLogin({ databaseUrl, databaseAuth, databaseCaFile, metadataUrl }: LoginOptions): PostgresLogin {
  const url = new URL(databaseUrl);
  if (databaseCaFile !== undefined) for (const name of TLS_PARAMETERS) url.searchParams.delete(name);
  const ssl = databaseCaFile === undefined ? undefined : tlsWithAuthority(ENV.databaseCaFile, databaseCaFile);
  if (databaseAuth === "google-iam") return iamLogin(url, ssl, new AccessTokens(metadataUrl));
  return { connectionString: url.href, ...(ssl === undefined ? {} : { ssl }) };
}

/**
 * The password is an access token, fetched for every new connection; Cloud SQL's user is the service account without
 * `.gserviceaccount.com`. A token never crosses a network in the clear. The parts of the URL are handed over one by
 * one, because pg would prefer the URL's password, an absent one too.
 * https://cloud.google.com/sql/docs/postgres/iam-logins
 */
function iamLogin(url: URL, ssl: PostgresLogin["ssl"], tokens: AccessTokens): PostgresLogin {
  const host = url.searchParams.get("host") ?? decodeURIComponent(url.hostname);
  return {
    host,
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    user: decodeURIComponent(url.username),
    database: decodeURIComponent(url.pathname.slice(1)),
    password: async () => (await tokens.current()).text,
    ssl: ssl ?? !isLoopback(host),
  };
}

/** The server's address for people: no user, no password. */
export function postgresAddress(databaseUrl: string): string {
  const { host, pathname } = new URL(databaseUrl);
  return `${host}${pathname}`;
}
