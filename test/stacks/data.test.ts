import { describeStack } from "./inventory";

describeStack("data");
