import { describeStack } from "./inventory";

describeStack("gke-platform");
