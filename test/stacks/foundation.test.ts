import { describeStack } from "./inventory";

describeStack("foundation");
