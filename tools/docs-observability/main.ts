/** `npm run docs:observability`: writes docs/observability.md and docs/runbooks/README.md from the source. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { observabilityReference, runbookIndex } from "./reference";

const DOCS = join(__dirname, "../../docs");

writeFileSync(join(DOCS, "observability.md"), observabilityReference());
writeFileSync(join(DOCS, "runbooks/README.md"), runbookIndex());
console.log("wrote docs/observability.md and docs/runbooks/README.md");
