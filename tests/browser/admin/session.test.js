// What was typed outlives the session it was typed in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ADMIN, newPage, setUp, startBrowser, startServer } from "../support/harness.mjs";

for (const javaScriptEnabled of [true, false]) {
  test(`a form sent after signing out elsewhere is kept, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async (t) => {
    const server = await startServer(t);
    const page = await newPage(t, await startBrowser(t), { javaScriptEnabled });
    await setUp(page, server);
    await page.goto(`${server.url}/admin/advertisers/new`);
    await page.getByLabel("Name", { exact: true }).fill("O'Neill & Söhne");
    await page.getByLabel("Redirect hosts").fill("a.example\nb.example");
    const other = await page.context().newPage();
    await other.goto(`${server.url}/admin`);
    await other.getByRole("button", { name: "Sign out" }).click();
    await other.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    await other.close();
    await page.getByRole("button", { name: "Create advertiser" }).click();
    await page.getByText("Your session has ended. What you typed is kept").waitFor();
    await page.getByLabel("User").fill(ADMIN.user);
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("User and password do not match.").waitFor();
    await page.getByLabel("Password").fill(ADMIN.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { level: 1, name: "Welcome back, ada" }).waitFor();
    await page.getByRole("button", { name: "Send it now" }).click();
    await page.getByRole("heading", { level: 1, name: "O'Neill & Söhne" }).waitFor();
    assert.equal(await page.getByText("b.example").count(), 1);
  });
}
