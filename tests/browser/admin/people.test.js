// A user who is limited to one advertiser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, link, makePixel, onOverview, setUp, signIn, submit } from "../support/admin.mjs";
import { newPage, startBrowser } from "../support/browser.mjs";
import { startServer } from "../support/servers.mjs";

test("a viewer of one advertiser sees that one alone, and changes nothing", async (t) => {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser);
  await setUp(page, server);
  const create = await makePixel(page, server);
  const other = await create("advertiser", { name: "Other Brand" });
  await create("pixel", { name: "Other sign-up" }, `advertiser_id=${other.id}`);
  await page.goto(`${server.url}/admin/users/new`);
  await page.locator("#username").fill("vera");
  await page.locator("#password").fill("a long enough password");
  await choose(page, "role", "viewer");
  await page.locator("#advertiser_id").selectOption(String(other.id));
  await submit(page);
  await page.waitForURL((url) => url.pathname === "/admin/users");

  const guest = await newPage(t, browser);
  await signIn(guest, server, { user: "vera", password: "a long enough password" });
  await onOverview(guest);
  await guest.goto(`${server.url}/admin/pixels`);
  await link(guest, "/admin/pixels/2").waitFor();
  for (const address of ["/admin/pixels/1", "/admin/pixels/new"]) assert.equal(await link(guest, address).count(), 0, address);
  await guest.goto(`${server.url}/admin/advertisers`);
  await link(guest, `/admin/advertisers/${other.id}`).waitFor();
  assert.equal(await link(guest, "/admin/advertisers/1").count(), 0);
  for (const [path, status] of [["/admin/pixels/1", 404], ["/admin/pixels/2/edit", 403], ["/admin/users", 403], ["/admin/settings", 403]]) {
    assert.equal((await guest.goto(server.url + path)).status(), status, path);
  }
});
