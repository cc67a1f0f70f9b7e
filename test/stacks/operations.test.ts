import { describeStack } from "./inventory";

describeStack("operations");
