/** `npm run token -- NAME [--role admin]`: makes a bearer token for SERVICE_TOKENS. */
import { createHash, randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { SERVICE_ROLES, SERVICE_TOKEN_PARTS, serviceTokenItem } from "../../app/src/contract/service-token";
import { ENV } from "../../app/src/contract/variables";

const USAGE = `Usage: npm run token -- NAME [--role ${SERVICE_ROLES.join("|")}]    NAME: a-z, 0-9 and -, at most 64`;
/** 256 bits: as many as its SHA-256 hash. */
const TOKEN_BYTES = 32;

function argumentsGiven() {
  try {
    const { values, positionals } = parseArgs({
      options: { role: { type: "string", default: "service" } },
      allowPositionals: true,
    });
    return { role: values.role, names: positionals };
  } catch {
    return undefined;
  }
}

const given = argumentsGiven();
const name = given?.names[0];
const role = SERVICE_ROLES.find((known) => known === given?.role);
if (given?.names.length !== 1 || name === undefined || !SERVICE_TOKEN_PARTS.name.test(name) || role === undefined) {
  console.error(USAGE);
  process.exit(2);
}
const token = randomBytes(TOKEN_BYTES).toString("base64url");
const sha256 = createHash("sha256").update(token).digest("hex");
console.log(`token, shown this once:  ${token}`);
console.log(`item of ${ENV.serviceTokens}:  ${serviceTokenItem({ name, role, sha256 })}`);
