/** `npm run token -- NAME [--role admin] [--users a,b]`: makes a bearer token for SERVICE_TOKENS. */
import { createHash, randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { SERVICE_ROLES, SERVICE_TOKEN_PARTS, serviceTokenItem } from "../../app/src/contract/service-token";
import { ENV } from "../../app/src/contract/variables";

const USAGE = `Usage: npm run token -- NAME [--role ${SERVICE_ROLES.join("|")}] [--users A,B|*]
  NAME       a-z, 0-9 and -, at most 64
  --users    for whom it may act, "*" for everybody (default: nobody; news and chats only)`;
/** 256 bits: as many as its SHA-256 hash. */
const TOKEN_BYTES = 32;

function argumentsGiven() {
  try {
    const { values, positionals } = parseArgs({
      options: { role: { type: "string", default: "service" }, users: { type: "string" } },
      allowPositionals: true,
    });
    return { role: values.role, names: positionals, users: values.users?.split(",").map((user) => user.trim()) ?? [] };
  } catch {
    return undefined;
  }
}

const given = argumentsGiven();
const name = given?.names[0];
const role = SERVICE_ROLES.find((known) => known === given?.role);
const users = given?.users ?? [];
const wrong = users.some((user) => !SERVICE_TOKEN_PARTS.user.test(user));
if (
  wrong ||
  given?.names.length !== 1 ||
  name === undefined ||
  !SERVICE_TOKEN_PARTS.name.test(name) ||
  role === undefined
) {
  console.error(USAGE);
  process.exit(2);
}
const token = randomBytes(TOKEN_BYTES).toString("base64url");
const sha256 = createHash("sha256").update(token).digest("hex");
console.log(`token, shown this once:  ${token}`);
console.log(`item of ${ENV.serviceTokens}:  ${serviceTokenItem({ name, role, users, sha256 })}`);
