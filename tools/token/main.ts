/** `npm run token -- NAME [--role admin]`: makes a bearer token for SERVICE_TOKENS. */
import { createHash, randomBytes } from "node:crypto";
import { parseArgs } from "node:util";

const USAGE = "Usage: npm run token -- NAME [--role service|admin]    NAME: a-z, 0-9 and -, at most 64";
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
const role = given?.role;
if (
  given?.names.length !== 1 ||
  name === undefined ||
  !/^[a-z0-9-]{1,64}$/.test(name) ||
  !/^(service|admin)$/.test(role ?? "")
) {
  console.error(USAGE);
  process.exit(2);
}
const token = randomBytes(TOKEN_BYTES).toString("base64url");
const hash = createHash("sha256").update(token).digest("hex");
console.log(`token, shown this once:  ${token}`);
console.log(`item of SERVICE_TOKENS:  ${name}:${role}=${hash}`);
