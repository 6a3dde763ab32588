// The first minutes: a fresh server is set up in the browser, signed out of and signed in to again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ADMIN, PATIENCE, newPage, setUp, signIn, startBrowser, startServer } from "../support/harness.mjs";

test("a fresh server is set up by who holds its code, and then asks for the password", async (t) => {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser);

  await page.goto(server.url + "/admin");
  await page.getByLabel("One-time code").fill("not-the-code");
  await page.getByLabel("Your organisation").fill(ADMIN.member);
  await page.getByLabel("User").fill(ADMIN.user);
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Create the first admin" }).click();
  await page.getByRole("alert").getByText("not the code").waitFor();
  assert.equal(await page.getByLabel("User").inputValue(), ADMIN.user, "nothing typed is lost");

  await setUp(page, server);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();

  await signIn(page, server, { ...ADMIN, password: "a wrong password" });
  await page.getByText("User and password do not match.").waitFor();
  await signIn(page, server);
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
});

test("sample data are loaded while a page tells how far it is", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t), { javaScriptEnabled: false });
  await page.goto(server.url + "/admin");
  await page.getByLabel("One-time code").fill(server.setupCode);
  await page.getByLabel("Your organisation").fill(ADMIN.member);
  await page.getByLabel("User").fill(ADMIN.user);
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByLabel("Load sample data").check();
  await page.getByRole("button", { name: "Create the first admin" }).click();
  await page.getByRole("progressbar").waitFor();
  await page.getByText("The sample data are loaded").waitFor({ timeout: 6 * PATIENCE });
  assert.match(await page.locator(".stat-figure").nth(2).innerText(), /^[\d,]{4,}\s+conversions$/);
});

for (const options of [{ javaScriptEnabled: false }, { viewport: { width: 375, height: 700 } }, { colorScheme: "dark" }]) {
  test(`the first run works with ${JSON.stringify(options)}`, async (t) => {
    const server = await startServer(t);
    const page = await newPage(t, await startBrowser(t), options);
    await setUp(page, server);
    assert.ok(await fits(page), "nobody has to scroll sideways");
  });
}

async function fits(page) {
  return page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
}
