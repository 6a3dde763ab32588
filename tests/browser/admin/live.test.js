// Live events: an open page shows what visitors do, and a tag can be tried out before it goes on a site.

import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, link, makePixel, navigate, setUp, submit } from "../support/admin.mjs";
import { newPage, startBrowser } from "../support/browser.mjs";
import { sideways } from "../support/pages.mjs";
import { startServer, startSite } from "../support/servers.mjs";

const TAG = (server, query) => `<img src="${server.url}/px?id=1&${query}&t=2" width="1" height="1" alt="" referrerpolicy="no-referrer-when-downgrade" />`;
const row = (page, text) => page.locator(".event").filter({ hasText: text });
const empty = (page) => page.locator("[data-live-empty]");

async function start(t, options) {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser, options);
  await setUp(page, server);
  await makePixel(page, server);
  return { server, browser, page };
}

test("an open page shows each fire with its outcome, can be paused, and opens the whole request", async (t) => {
  const { server, browser, page } = await start(t);
  await navigate(page, "/admin/live");
  await empty(page).waitFor();
  await page.locator(".live-state.is-live").waitFor();

  const order = (number, more = "") => TAG(server, `order_id=A-${number}&value=10${more}`);
  const shop = await startSite(t, { "/1": order(1), "/2": order(2), "/3": order(3, ",00") });
  const visitor = await newPage(t, browser);
  await visitor.goto(`${shop.url}/1`);
  await row(page, "A-1").locator(".is-none").waitFor();
  await page.locator(".live-state").filter({ hasText: /\b1 / }).waitFor();
  assert.equal(await empty(page).isVisible(), false);

  await row(page, "A-1").locator("summary:not(.help > summary)").focus();
  await page.keyboard.press("Enter");
  await page.getByText("/px?id=1&order_id=A-1&value=10&t=2", { exact: true }).waitFor();
  assert.equal(await row(page, "A-1").locator('a[href^="/admin/conversions/"]').count(), 1);

  const pause = page.locator("[data-live-pause]");
  await pause.click();
  assert.equal(await pause.getAttribute("aria-pressed"), "true");
  await visitor.goto(`${shop.url}/2`);
  await page.locator(".live-state:not(.is-live)").waitFor();
  assert.equal(await row(page, "A-2").count(), 0);
  await pause.click();
  await row(page, "A-2").waitFor();
  await visitor.goto(`${shop.url}/3`);
  await row(page, "A-3").locator(".chip.warn").waitFor();
  const orders = (await page.locator(".event-sub").allInnerTexts()).map((text) => text.match(/A-\d/)[0]);
  assert.deepEqual(orders, ["A-3", "A-2", "A-1"]);
  assert.equal(await row(page, "A-1").locator("details:not(.help)").getAttribute("open"), "", "an opened row stays open");
});

for (const [kind, form] of Object.entries({ image: 2, script: 1 })) {
  test(`the test button of the export page shows the fire of a ${kind} tag`, async (t) => {
    const { server, page } = await start(t);
    await page.goto(`${server.url}/admin/export?id=1`);
    if (kind === "script") {
      await page.locator("#customise > summary").click();
      await choose(page, "kind", "script");
      await page.locator("#tag-1").filter({ hasText: "<script" }).waitFor();
    }
    await page.locator('#tags a[href^="/admin/live?test=on"]').click();
    await page.locator(".tag-under-test").waitFor({ state: "attached" });
    const fire = row(page, /TEST-\d{6}/);
    await fire.locator(".is-ignored").waitFor();
    await fire.locator("summary:not(.help > summary)").click();
    await fire.locator("pre").filter({ hasText: `&t=${form}` }).waitFor();
    await page.goto(`${server.url}/admin`);
    assert.equal(await page.locator(".stats").count(), 0, "a test fire is in no figure");
  });
}

test("a link tries a tag out", async (t) => {
  const { server, browser, page } = await start(t);
  await page.goto(`${server.url}/admin/live`);
  await page.locator('main a[href^="/admin/live?test=on"]').first().click();
  await page.locator("#test-pixel").selectOption("1");
  await page.locator("#test form button").click();
  await empty(page).waitFor();
  const visitor = await newPage(t, browser);
  await visitor.goto(await page.locator('#test a[target="_blank"]').getAttribute("href"));
  await row(page, "TEST-").locator(".is-ignored").waitFor();
});

test("without JavaScript a link reloads the page", async (t) => {
  const { server, browser, page } = await start(t, { javaScriptEnabled: false, viewport: { width: 375, height: 700 } });
  await page.goto(`${server.url}/admin/live`);
  assert.equal(await page.locator("[data-live-pause]").isVisible(), false);
  const shop = await startSite(t, { "/": TAG(server, "order_id=A-1") });
  const visitor = await newPage(t, browser);
  await visitor.goto(shop.url, { waitUntil: "networkidle" });
  await link(page, "/admin/live").click();
  await row(page, "A-1").locator("summary:not(.help > summary)").click();
  await page.getByText("/px?id=1&order_id=A-1&t=2", { exact: true }).waitFor();
  assert.equal(await sideways(page), 0);
});
