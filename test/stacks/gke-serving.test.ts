import { describeStack } from "./inventory";

describeStack("gke-serving");
