// The pages of failures: a database that cannot be written says so and recovers by itself; a page that does not exist or is
// not allowed leads back.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { ADMIN, choose, fillSignIn, heading, makePixel, onOverview, setUp, signIn, submit } from "../support/admin.mjs";
import { newPage, startBrowser } from "../support/browser.mjs";
import { faults, sideways } from "../support/pages.mjs";
import { startServer } from "../support/servers.mjs";

// Limits the size of the server's files, which then cannot be written, as on a full or read-only disk.
const limitFiles = (server, bytes) => execFileSync("prlimit", ["--pid", String(server.pid), `--fsize=${bytes}:unlimited`]);

// The open page must be without faults in both themes, and fit 375 pixels.
async function lookOver(page) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    assert.deepEqual(await faults(page), []);
  }
  const size = page.viewportSize();
  await page.setViewportSize({ width: 375, height: 800 });
  assert.equal(await sideways(page), 0);
  await page.setViewportSize(size);
}

// A page with this status, that leads back to the overview.
async function assertErrorPage(page, status) {
  await page.locator("main h1").waitFor();
  assert.equal(await page.locator(".lost").count(), status === 404 ? 1 : 0, "404 is drawn in pixels");
  assert.equal(await page.locator('main a.button[href="/admin"]').count(), 1);
  await lookOver(page);
}

test("a form that cannot be saved answers 503, and can be sent after the recovery", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t));
  await setUp(page, server);
  await makePixel(page, server);
  await page.goto(`${server.url}/admin/pixels/1/edit`);
  await page.locator("#name").fill("Order");

  limitFiles(server, 1);
  const [answer] = await Promise.all([page.waitForResponse((answer) => answer.request().method() === "POST"), submit(page)]);
  assert.equal(answer.status(), 503);
  await heading(page, "The database cannot be written").waitFor();
  await lookOver(page);

  limitFiles(server, "unlimited");
  await page.goto(`${server.url}/admin/pixels/1/edit`);
  assert.equal(await page.locator("#name").inputValue(), "Purchase");
  await page.locator("#name").fill("Order");
  await submit(page);
  await heading(page, "Order").waitFor();
});

test("while nothing can be written, every page, an open live page and the sign-in page say so", async (t) => {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser);
  await setUp(page, server);
  await makePixel(page, server);
  const live = await newPage(t, browser);
  await signIn(live, server);
  await onOverview(live);
  await live.goto(`${server.url}/admin/live`);
  await live.locator(".live-state.is-live").waitFor();

  limitFiles(server, 1);
  assert.equal((await fetch(`${server.url}/px?id=1`)).status, 503);
  await live.locator(".live-state.is-lost").waitFor();
  for (const path of ["/admin", "/admin/live", "/admin/pixels", "/admin/pixels/1", "/admin/settings"]) {
    await page.goto(server.url + path);
    await page.locator("main > .notice.bad[role=alert]").waitFor();
    await lookOver(page);
  }
  await page.locator(".todo > .bad").first().waitFor();
  const stranger = await newPage(t, browser);
  await signIn(stranger, server);
  await stranger.getByRole("alert").waitFor();
  assert.equal(await stranger.locator("#user").inputValue(), ADMIN.user);
  await lookOver(stranger);

  limitFiles(server, "unlimited");
  assert.equal((await fetch(`${server.url}/px?id=1`)).status, 200);
  await live.locator(".live-state.is-live").waitFor();
  await fillSignIn(stranger);
  await onOverview(stranger);
  assert.equal(await stranger.locator(".notice.bad").count(), 0);
});

test("pages that do not exist, or that a role may not open, lead back", async (t) => {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser);
  await setUp(page, server);
  for (const path of ["/admin/nothing", "/admin/pixels/99"]) {
    assert.equal((await page.goto(server.url + path)).status(), 404);
    await assertErrorPage(page, 404);
  }
  await page.goto(`${server.url}/admin/users/new`);
  await page.locator("#username").fill("vera");
  await page.locator("#password").fill(ADMIN.password);
  await choose(page, "role", "viewer");
  await submit(page);
  await page.waitForURL(/\/admin\/users/);
  const viewer = await newPage(t, browser);
  await signIn(viewer, server, { user: "vera", password: ADMIN.password });
  await onOverview(viewer);
  assert.equal((await viewer.goto(`${server.url}/admin/users`)).status(), 403);
  await assertErrorPage(viewer, 403);
  await viewer.locator('main a.button[href="/admin"]').click();
  await onOverview(viewer);
});
