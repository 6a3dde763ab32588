// The loop of `pixeld demo` on a phone: read, click, buy, and find the sale credited.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fillSignIn } from "../support/admin.mjs";
import { newPage, reloadUntil, startBrowser } from "../support/browser.mjs";
import { sideways } from "../support/pages.mjs";
import { startDemo } from "../support/servers.mjs";

const fits = async (page) => assert.equal(await sideways(page), 0, `${page.url()} fits`);

test("the demo's loop ends at the conversion that the ad earned", async (t) => {
  const demo = await startDemo(t);
  const page = await newPage(t, await startBrowser(t), { viewport: { width: 375, height: 740 } });

  await page.goto(`${demo.url}/demo`);
  await fits(page);
  const impression = page.waitForResponse((response) => response.url().includes("/imptr?"));
  await page.locator('main a[href="/demo/news"]').click();
  assert.equal((await impression).status(), 200);
  await fits(page);
  assert.match(await page.getByRole("complementary").innerText(), /<script src="http:\S+\/imptr\?id=\d+\S+t=1/);
  // A script puts the impression's token into the ad's link.
  const token = (await page.locator("#tied code").innerText()).replace("imp=", "");
  const ad = page.locator("#ad a");
  assert.equal(new URL(await ad.getAttribute("href")).searchParams.get("imp"), token);
  assert.equal(token, (await impression).headers()["x-pixeld-imp"]);

  const click = page.waitForResponse((response) => response.url().includes("/clktr?"));
  await ad.click();
  assert.equal((await click).headers()["x-pixeld"], "ok", "pixeld takes the token");
  await page.waitForURL(/\/demo\/shop\?from=ad/);
  await fits(page);
  await page.locator('label:has([name="colour"][value="night"])').click();
  await page.locator(".product-form button").click();
  await page.locator(".in-night").waitFor();
  await fits(page);

  const fire = page.waitForResponse((response) => /\/px\?.*order_id=/.test(response.url()));
  await page.locator(".checkout button").click();
  assert.equal((await fire).status(), 200);
  await fits(page);
  const order = await page.locator(".thanks strong").first().innerText();

  await page.locator('.thanks a[href^="/admin/conversions"]').click();
  await fillSignIn(page, demo);
  const row = page.getByRole("row").filter({ hasText: order });
  await reloadUntil(page, row);
  assert.equal(await row.locator(".is-click").count(), 1);
  assert.match(await row.innerText(), /890\.00 EUR/);
  await row.locator("a.row").click();
  await page.locator(".verdict.click").waitFor();
  await fits(page);
  assert.match(await page.locator("main").innerText(), /890\.00 EUR[\s\S]*Gets the credit[\s\S]*Road bikes/);
});
