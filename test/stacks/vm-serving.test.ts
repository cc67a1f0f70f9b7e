import { describeStack } from "./inventory";

describeStack("vm-serving");
