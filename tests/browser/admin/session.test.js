// A form outlives the session in which its user filled it in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ADMIN, fillSignIn, heading, setUp, signOut, submit } from "../support/admin.mjs";
import { newPage, startBrowser } from "../support/browser.mjs";
import { startServer } from "../support/servers.mjs";

for (const javaScriptEnabled of [true, false]) {
  test(`a form sent after signing out elsewhere is kept, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async (t) => {
    const server = await startServer(t);
    const page = await newPage(t, await startBrowser(t), { javaScriptEnabled });
    await setUp(page, server);
    await page.goto(`${server.url}/admin/advertisers/new`);
    await page.locator("#name").fill("O'Neill & Söhne");
    await page.locator("details.fold > summary").filter({ hasText: "Advanced" }).click();
    await page.locator("#redirect_hosts").fill("a.example\nb.example");
    const other = await page.context().newPage();
    await other.goto(`${server.url}/admin`);
    await signOut(other);
    await other.waitForURL(/\/admin\/sign-in/);
    await other.close();
    await submit(page);
    await page.locator('form[action^="/admin/sign-in"] [name="kept"]').waitFor({ state: "attached" });
    await fillSignIn(page, { user: ADMIN.user, password: "not the password" });
    await page.locator("#password-error").waitFor();
    await fillSignIn(page);
    await page.locator('form[action="/admin/advertisers/new"] [name="redirect_hosts"]').waitFor({ state: "attached" });
    await submit(page);
    await heading(page, "O'Neill & Söhne").waitFor();
    assert.equal(await page.getByText("b.example").count(), 1);
  });
}
