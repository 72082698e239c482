// Verifies signed webhooks with the JavaScript library of Standard Webhooks. One JSON object a line on the standard
// input: {secret, headers, body}; one line for each on the standard output: "ok", or why not.
import { createInterface } from "node:readline";
import { Webhook } from "standardwebhooks";

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, headers, body } = JSON.parse(line);
  try {
    const found = new Webhook(secret).verify(body, headers);
    console.log(JSON.stringify(found) === JSON.stringify(JSON.parse(body)) ? "ok" : "another body");
  } catch (error) {
    console.log(error.message);
  }
}
