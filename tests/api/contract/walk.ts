// A client in TypeScript: registers, reads the score, applies, pays, and reads the statement, with amounts as text.
// tsc checks it against the types that were generated from /openapi-money-string.json; then it runs against a service
// whose address is its first argument. Its second argument is an Aadhaar number.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

declare const process: { argv: string[] };
const [address, aadhaar] = process.argv.slice(2) as [string, string];

function must<Answer>(answer: { data?: Answer; error?: unknown }): Answer {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

function same(found: unknown, wanted: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) {
    throw new Error(`${JSON.stringify(found)} is not ${JSON.stringify(wanted)}`);
  }
}

const headers: Record<string, string> = { Prefer: "money=string" };
const client = createClient<paths, "application/json" | "application/problem+json">({ baseUrl: address, headers });
const registered = must(
  await client.POST("/api/v1/users/register", {
    body: { aadhar_id: aadhaar, name: "Ravi Kumar", email: `${aadhaar}@example.com`, annual_income: "600000.00" },
  }),
);
const user_id: string = registered.user_id;
client.use({
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${registered.access_token}`);
    return request;
  },
});

const score = must(await client.GET("/api/v1/credit/scores", { params: { query: { user_id } } }));
const status: "AVAILABLE" | "PENDING" = score.status;
same(status, "PENDING");

const application = must(
  await client.POST("/api/v1/loans/apply", {
    params: { header: { "Idempotency-Key": "apply-1" } },
    body: { user_id, product: "STANDARD_LOAN", amount: "60000.00", tenure_months: 12, annual_rate: 14 },
  }),
);
const emi: string | null = application.emi;
if (emi === null || application.loan_id === null) throw new Error("the loan was not made");

const body: components["schemas"]["V1PaymentBody"] = { loan_id: application.loan_id, amount: emi, as: "instalment" };
const paid = must(
  await client.POST("/api/v1/loans/payments", { params: { header: { "Idempotency-Key": "pay-1" } }, body }),
);
same([paid.amount, paid.applied.advance, paid.applied.principal], [emi, emi, "0.00"]);

const refused = await client.POST("/api/v1/loans/payments", { body: { ...body, amount: "99999999.99" } });
same(refused.error?.code, "idempotency_key_required");

const statement = must(
  await client.GET("/api/v1/statements", { params: { query: { loan_id: application.loan_id } } }),
);
const transactions: components["schemas"]["V1PastTransaction"][] = statement.past_transactions;
same(transactions.map((each) => [each.payment_id, each.amount_paid]), [[paid.payment_id, emi]]);
same(statement.loan_summary.outstanding, "60000.00");
