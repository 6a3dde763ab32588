// Settings are changed in the page and taken at once, by tags and by the tags' export; what they fix is shown; the link of the
// terminal opens the set-up.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ADMIN, setUp, signIn, submit } from "../support/admin.mjs";
import { newPage, startBrowser } from "../support/browser.mjs";
import { sideways } from "../support/pages.mjs";
import { startServer } from "../support/servers.mjs";

const maxAge = async (page, server, id) => {
  const answer = await page.request.get(`${server.url}/px?id=${id}&t=2`, { headers: { cookie: "" } });
  return answer.headers()["set-cookie"]?.match(/pxid=\w+;.*Max-Age=(\d+)/)?.[1];
};

// Makes an advertiser and a pixel, and returns the pixel's id.
const makePixel = async (page, server) => {
  for (const [path, name] of [["advertisers", "Shop"], ["pixels", "Purchase"]]) {
    await page.goto(`${server.url}/admin/${path}/new`);
    await page.locator("#name").fill(name);
    await submit(page);
    await page.waitForURL(/\/\d+$/);
  }
  return page.url().match(/\d+$/)[0];
};

test("a setting that is changed in the page is in force at once", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t));
  await setUp(page, server);
  const pixel = await makePixel(page, server);
  assert.equal(await maxAge(page, server, pixel), String(90 * 86400));

  await page.goto(`${server.url}/admin/settings`);
  await page.getByText("Not set. Tags name the address in your browser now").waitFor();
  await page.getByLabel("Public address").fill("px.shop.example");
  await page.getByLabel("Cookie lifetime").fill("401");
  await submit(page);
  await page.locator("#cookie_days-error").waitFor();
  assert.equal(await page.locator("#public_url").inputValue(), "px.shop.example", "nothing typed is lost");
  await page.getByLabel("Cookie lifetime").fill("30");
  await page.getByLabel("Global Privacy Control").selectOption({ label: "Ignore the signal" });
  await submit(page);
  await page.getByText("Saved: public address, cookie lifetime and Global Privacy Control.").waitFor();
  assert.equal(await page.locator("#public_url").inputValue(), "https://px.shop.example");
  assert.equal(await sideways(page), 0);

  assert.equal(await maxAge(page, server, pixel), String(30 * 86400));
  await page.goto(`${server.url}/admin/export?id=${pixel}`);
  assert.match(await page.locator("main").innerText(), /https:\/\/px\.shop\.example\/px\?id=/);
});

test("a setting that a flag fixes cannot be typed", async (t) => {
  const server = await startServer(t, ["--cookie-days", "30"]);
  const page = await newPage(t, await startBrowser(t));
  await setUp(page, server);
  await page.goto(`${server.url}/admin/settings`);
  assert.ok(await page.locator("#cookie_days").isDisabled());
  await page.getByText("Fixed by the command line: --cookie-days.").waitFor();
  await page.getByLabel("Bots").selectOption("strict");
  await submit(page);
  await page.getByText("Saved: bots.").waitFor();
});

test("the link in the terminal opens the set-up with its code", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t));
  await page.goto(server.setupLink);
  assert.equal(await page.locator("#code").inputValue(), server.setupCode);
  await page.locator("#member_name").fill(ADMIN.member);
  await page.locator("#username").fill(ADMIN.user);
  await page.locator("#password").fill(ADMIN.password);
  await submit(page);
  await page.waitForURL(/\/admin$/);
  await page.context().clearCookies();
  await signIn(page, server);
});
