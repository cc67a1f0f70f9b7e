import { describeStack } from "./inventory";

describeStack("edge");
