// The first minutes: the set-up of a fresh server in the browser, signing out and in again, sample data.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ADMIN, fillSetUp, fillSignIn, onOverview, setUp, signIn, signOut, submit } from "../support/admin.mjs";
import { PATIENCE, newPage, startBrowser } from "../support/browser.mjs";
import { isFocused, sideways } from "../support/pages.mjs";
import { startServer } from "../support/servers.mjs";

test("the code from the terminal sets a fresh server up, and the password opens it again", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t));
  await fillSetUp(page, { ...server, setupCode: "not-the-code" });
  await submit(page);
  await page.locator("#code-error").waitFor();
  assert.equal(await page.locator("#username").inputValue(), ADMIN.user, "the form keeps its text");

  await fillSetUp(page, server);
  await submit(page);
  await onOverview(page);
  await signOut(page);
  await page.waitForURL(/\/admin\/sign-in/);

  await signIn(page, server, { ...ADMIN, password: "a wrong password" });
  await page.locator("#password-error").waitFor();
  await signIn(page, server);
  await onOverview(page);
});

test("a password can be shown, and is hidden again before it is sent", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t));
  await fillSetUp(page, server);
  const password = page.locator("#password");
  const type = () => password.getAttribute("type");
  assert.equal(await type(), "password");
  await page.getByRole("button", { name: "Show password" }).click();
  assert.equal(await type(), "text");
  assert.ok(await isFocused(password), "one can go on typing");
  await page.getByRole("button", { name: "Hide password" }).click();
  assert.equal(await type(), "password");
  await page.getByRole("button", { name: "Show password" }).click();
  await page.evaluate(() => document.querySelector("form").addEventListener("submit", (event) => event.preventDefault()));
  await submit(page);
  assert.equal(await type(), "password");
});

test("the set-up and the sign-in begin in the first empty field", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t));
  await page.goto(`${server.url}/admin`);
  assert.ok(await isFocused(page.locator("#code")));
  await page.goto(`${server.url}/admin/setup?code=G33T-1234`);
  assert.equal(await page.locator("#code").inputValue(), "G33T-1234", "a link carries the code");
  assert.ok(await isFocused(page.locator("#member_name")));
  await setUp(page, server);
  await page.context().clearCookies();
  await page.goto(`${server.url}/admin/sign-in`);
  assert.ok(await isFocused(page.locator("#user")));
  await fillSignIn(page, { ...ADMIN, password: "a wrong password" });
  await page.locator("#password-error").waitFor();
  assert.ok(await isFocused(page.locator("#password")));
});

test("a page shows the progress of the sample data", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t), { javaScriptEnabled: false });
  await fillSetUp(page, server);
  await page.locator('input[name="sample"]').check();
  await submit(page);
  await page.getByRole("progressbar").waitFor();
  // The page reloads itself, and leads to the overview when the data are complete.
  await page.waitForURL((url) => url.pathname === "/admin", { timeout: 6 * PATIENCE });
  assert.match(await page.locator(".tile-figure").first().innerText(), /^[\d,]{4,}\b/);
});

for (const options of [{ javaScriptEnabled: false }, { viewport: { width: 375, height: 700 } }, { colorScheme: "dark" }]) {
  test(`the first run works with ${JSON.stringify(options)}`, async (t) => {
    const server = await startServer(t);
    const page = await newPage(t, await startBrowser(t), options);
    await fillSetUp(page, server);
    assert.equal(await sideways(page), 0);
    await submit(page);
    await onOverview(page);
    assert.equal(await sideways(page), 0);
  });
}
