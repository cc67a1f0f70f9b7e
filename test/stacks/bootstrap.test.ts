import { describeStack } from "./inventory";

describeStack("bootstrap");
