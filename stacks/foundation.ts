import type { Construct } from "constructs";
import type { Settings } from "../settings/schema";
import { TerraceStack } from "./terrace-stack";

export class FoundationStack extends TerraceStack {
  constructor(scope: Construct, settings: Settings) {
    super(scope, "foundation", settings);
  }
}
