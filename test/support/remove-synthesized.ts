import { rmSync } from "node:fs";
import { SYNTHESIZED } from "./synthesized";

export default function removeSynthesized(): void {
  const root = process.env[SYNTHESIZED];
  if (root !== undefined) rmSync(root, { recursive: true, force: true });
  delete process.env[SYNTHESIZED];
}
