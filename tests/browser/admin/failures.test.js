// The pages of what goes wrong, as people meet them: a database that cannot be written says so, and
// recovers by itself; what is not there and what is not allowed say so.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { ADMIN, makePixel, newPage, setUp, signIn, startBrowser, startServer } from "../support/harness.mjs";
import { faults, sideways } from "../support/pages.mjs";

// The system lets the server's files grow no further, as a full disk does, or one that became read-only.
const grow = (server, bytes) => execFileSync("prlimit", ["--pid", String(server.pid), `--fsize=${bytes}:unlimited`]);

// What the page in the browser says, once it has been looked over in both themes and at 375 px.
async function looked(page) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    assert.deepEqual(await faults(page), []);
  }
  const size = page.viewportSize();
  await page.setViewportSize({ width: 375, height: 800 });
  assert.equal(await sideways(page), 0);
  await page.setViewportSize(size);
  return page.locator("main").innerText();
}

test("a database that cannot be written says so on a page of its own, and recovers", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t));
  await setUp(page, server);
  await makePixel(page, server);
  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Order");

  grow(server, 1);
  const [answer] = await Promise.all([page.waitForResponse((answer) => answer.request().method() === "POST"),
    page.getByRole("button", { name: "Save" }).click()]);
  assert.equal(answer.status(), 503);
  await page.getByRole("heading", { level: 1, name: "The database cannot be written" }).waitFor();
  assert.match(await looked(page), /Nothing was changed.*It recovers by itself/s);

  grow(server, "unlimited");
  await page.goto(server.url + "/admin/pixels/1/edit");
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Purchase");
  await page.getByLabel("Name", { exact: true }).fill("Order");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1, name: "Order" }).waitFor();
});

test("that nothing can be written stands on every page, on one that is open, and on the sign-in page", async (t) => {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser);
  await setUp(page, server);
  await makePixel(page, server);
  const live = await newPage(t, browser);
  await signIn(live, server);
  await live.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await live.goto(server.url + "/admin/live");
  await live.locator(".live-state.is-live").waitFor();

  grow(server, 1);
  assert.equal((await fetch(server.url + "/px?id=1")).status, 503);
  await live.locator(".live-state.is-lost").filter({ hasText: "Nothing comes in" }).waitFor();
  for (const path of ["/admin", "/admin/live", "/admin/pixels", "/admin/pixels/1", "/admin/settings"]) {
    await page.goto(server.url + path);
    await page.locator(".notice-danger").filter({ hasText: "Nothing has been written for" }).waitFor();
    assert.doesNotMatch(await looked(page), /cannot be written: /);
  }
  await page.locator(".badge-danger", { hasText: "nothing is taken" }).waitFor();
  const stranger = await newPage(t, browser);
  await signIn(stranger, server);
  await stranger.getByRole("alert").filter({ hasText: "You cannot sign in until" }).waitFor();
  assert.equal(await stranger.getByLabel("User").inputValue(), ADMIN.user);
  assert.doesNotMatch(await looked(stranger), /To the overview/);

  grow(server, "unlimited");
  assert.equal((await fetch(server.url + "/px?id=1")).status, 200);
  await live.locator(".live-state.is-live").waitFor();
  await stranger.getByLabel("Password").fill(ADMIN.password);
  await stranger.getByRole("button", { name: "Sign in" }).click();
  await stranger.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  assert.equal(await stranger.locator(".notice-danger").count(), 0);
});

test("what is not there, and what a role may not, say so and lead back", async (t) => {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser);
  await setUp(page, server);
  for (const path of ["/admin/nothing", "/admin/pixels/99"]) {
    const answer = await page.goto(server.url + path);
    assert.equal(answer.status(), 404);
    assert.match(await looked(page), /There is no such page/);
  }
  await page.goto(server.url + "/admin/users/new");
  await page.getByLabel("User", { exact: true }).fill("vera");
  await page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
  await page.getByRole("radio", { name: /^Viewer/ }).check({ force: true });
  await page.getByRole("button", { name: "Create user" }).click();
  const viewer = await newPage(t, browser);
  await signIn(viewer, server, { user: "vera", password: ADMIN.password });
  await viewer.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  const answer = await viewer.goto(server.url + "/admin/users");
  assert.equal(answer.status(), 403);
  assert.match(await looked(viewer), /Not allowed/);
  await viewer.getByRole("link", { name: "To the overview" }).click();
  await viewer.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
});
