import { describe, expect, it } from "@jest/globals";
import { type Message, receiveMessages } from "../../../../tools/start/monitor/message-receiver";

describe("receiveMessages", () => {
  it("passes on each message with its receiver and channel, and answers 400 to anything else", async () => {
    const messages: Message[] = [];
    const receiver = await receiveMessages((message) => messages.push(message));
    const send = async (body: string) =>
      (await fetch(`${receiver.url}/critical/email`, { method: "POST", body })).status;
    const alert = { status: "firing", labels: { alertname: "A" }, annotations: {} };
    const message = { version: "4", status: "firing", groupLabels: { alertname: "A" }, alerts: [alert] };
    expect(await send(JSON.stringify(message))).toBe(200);
    expect(await send(JSON.stringify({ ...message, status: "perhaps" }))).toBe(400);
    expect(await send("no JSON")).toBe(400);
    await receiver.close();
    expect(messages).toEqual([
      {
        receiver: "critical",
        channel: "email",
        status: "firing",
        groupLabels: { alertname: "A" },
        alerts: [alert],
      },
    ]);
  });
});
