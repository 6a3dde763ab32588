// A correction that matched nothing: its page leads to the conversion that was meant, and to the form that corrects it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ADMIN, choose, flash, link, makePixel, setUp, submit } from "../support/admin.mjs";
import { newPage, startBrowser } from "../support/browser.mjs";
import { startServer } from "../support/servers.mjs";

test("a correction without effect leads to the conversion that was meant", async (t) => {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser);
  await setUp(page, server);
  await makePixel(page, server);
  await fetch(`${server.url}/px?id=1&order_id=%231003&value=49.90`, { headers: { "user-agent": "Firefox/145.0" } });
  const auth = JSON.stringify({ auth: { username: ADMIN.user, password: ADMIN.password } });
  const signedIn = await fetch(`${server.url}/auth`, { method: "POST", body: auth });
  const { token } = (await signedIn.json()).response;
  const send = async (order_id) => {
    const body = JSON.stringify({ order_id, type: "retract" });
    const answer = await fetch(`${server.url}/adjustments`, { method: "POST", headers: { authorization: token }, body });
    return (await answer.json()).results[0];
  };
  assert.deepEqual(await send("1003"), { index: 0, result: "unmatched", conversions: 0 });

  await page.goto(`${server.url}/admin/conversions`);
  await page.locator("main .head summary.bare").click();
  await link(page, "/admin/adjustments").click();
  await page.locator('[name="effect"]').selectOption("no");
  await page.locator("form.filters button").click();
  await page.waitForURL(/effect=no/);
  const near = page.locator("[data-near-misses] a");
  assert.equal(await near.first().innerText(), "order #1003");
  const form = await near.nth(1).getAttribute("href");
  await near.nth(1).click();
  await page.waitForURL(server.url + form);
  await choose(page, "type", "retract");
  await submit(page);
  await flash(page).waitFor();
  assert.match(await flash(page).innerText(), /1 conversion cancelled/);
  assert.deepEqual(await send("#1003"), {
    index: 0, result: "already_retracted", conversions: 0, effects: { already_retracted: 1 },
  });

  // No part of the page is cut off on a phone.
  await page.setViewportSize({ width: 375, height: 800 });
  await page.goto(`${server.url}/admin/adjustments`);
  const { scroll, client } = await page.evaluate(() => ({
    scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth,
  }));
  assert.equal(scroll, client);
});
