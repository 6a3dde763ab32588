// From nothing to a tag on a page; the script's help in the form of a pixel; the question before a pixel goes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { deleteIt, flash, heading, link, makePixel, openFold, setUp, submit } from "../support/admin.mjs";
import { newPage, reloadUntil, startBrowser } from "../support/browser.mjs";
import { startServer, startSite } from "../support/servers.mjs";

async function start(t, options) {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t), options);
  await setUp(page, server);
  return { server, page };
}

test("a newcomer makes a pixel, puts its tag on a page and sees the event", async (t) => {
  const { server, page } = await start(t);
  await page.goto(`${server.url}/admin/advertisers/new`);
  await page.locator("#name").fill("ProStarr Sportswear");
  await submit(page);
  await page.goto(`${server.url}/admin/pixels/new`);
  await page.locator("#name").fill("Purchase");
  await submit(page);
  await heading(page, "Purchase").waitFor();
  await flash(page).filter({ hasText: "Purchase" }).waitFor();

  await page.locator('[data-copy="tag"]').click();
  await page.locator(".toast.is-shown").waitFor();
  const tag = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(tag, /^<img src="http:\/\/127\.0\.0\.1:\d+\/px\?id=1&order_id=\[ORDER_ID\]&value=\[REVENUE\]&t=2"/);

  const shop = await startSite(t, { "/thanks": tag.replace("[ORDER_ID]", "A-1").replace("[REVENUE]", "49.90") });
  const visitor = await newPage(t, page.context().browser());
  await visitor.goto(`${shop.url}/thanks`, { waitUntil: "networkidle" });

  await reloadUntil(page, page.getByRole("cell", { name: "A-1" }));
  const time = page.locator("tbody time").first();
  assert.match(await time.getAttribute("title"), /^\d{1,2} \w{3,4} \d{4}, \d\d:\d\d:\d\d, \S+$/, "exact, with its zone, on hover");
  await page.locator('tbody a[href^="/admin/conversions/"]').first().click();
  assert.match(await page.locator(".verdict").innerText(), /on no active line item/);
});

test("extra pixels are added, checked while typing and removed without a reload", async (t) => {
  const { server, page } = await start(t);
  await makePixel(page, server);
  await page.goto(`${server.url}/admin/pixels/1/edit`);
  const url = page.locator('[name="piggyback_url"]');

  await openFold(page, "Advanced");
  await url.first().fill("https://a.example/p?o=${ORDER_ID}");
  await page.locator('[data-add-row="piggyback"]').click();
  await page.locator('[name="piggyback_type"]').nth(1).selectOption("js");
  await url.nth(1).fill("a.example/t.js");
  await page.keyboard.press("Tab");
  await page.locator('[name="piggyback_url"][aria-invalid="true"]').waitFor();
  await url.nth(1).fill("https://a.example/t.js");
  await page.locator('[name="piggyback_url"][aria-invalid="true"]').waitFor({ state: "detached" });
  await page.locator("[data-remove-row]").first().click();
  await page.locator("#name").press("Enter");

  await flash(page).waitFor();
  const piggybacks = await page.locator("dl.facts > div", { hasText: "Extra pixels" }).locator("code").allInnerTexts();
  assert.deepEqual(piggybacks, ["https://a.example/t.js"], "Enter saved the form without the removed row");
  assert.match(await page.locator("#tag").textContent(), /^<script/, "an extra script needs a script tag");
});

for (const javaScriptEnabled of [true, false]) {
  test(`deactivating and deleting ask first, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async (t) => {
    const { server, page } = await start(t, { javaScriptEnabled });
    await makePixel(page, server);

    await page.goto(`${server.url}/admin/pixels`);
    await page.locator("[data-select]").check();
    await page.locator('button[value="deactivate"]').click();
    if (javaScriptEnabled) {
      await page.locator("dialog button").first().click();
      assert.ok(await page.locator("[data-select]").isChecked(), "nothing happened, and the selection is kept");
      await page.locator('button[value="deactivate"]').click();
    }
    await page.locator("dialog .danger, main form:has([name=confirmed]) .danger").click();
    await flash(page).waitFor();
    await page.locator("tbody .mark.is-off").waitFor();

    await link(page, "/admin/pixels/1").click();
    await deleteIt(page);
    await page.locator(".empty").waitFor();
  });
}
