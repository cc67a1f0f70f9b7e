import { describeStack } from "./inventory";

describeStack("gke-cluster");
