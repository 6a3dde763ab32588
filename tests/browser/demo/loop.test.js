// The loop of `pixeld demo`, as somebody walks it who has just started it: read, click, buy, and find it credited.

import assert from "node:assert/strict";
import { test } from "node:test";
import { newPage, reloadUntil, startBrowser, startDemo } from "../support/harness.mjs";

const phone = { viewport: { width: 375, height: 740 } };

async function fits(page) {
  const [has, wants] = await page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    return [clientWidth, scrollWidth];
  });
  assert.equal(wants, has, `${page.url()} scrolls sideways`);
}

test("the demo's loop ends at the page that says why the sale was credited", async (t) => {
  const demo = await startDemo(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser, phone);

  await page.goto(demo.url + "/demo");
  await fits(page);
  const seen = page.waitForResponse((response) => response.url().includes("/imptr?"));
  await page.getByRole("link", { name: "Read the article" }).click();
  await page.getByRole("heading", { level: 1, name: "The bridge is open" }).waitFor();
  assert.equal((await seen).status(), 200);
  await fits(page);
  assert.match(await page.getByRole("complementary").innerText(), /<script src="http:\S+\/imptr\?id=\d+\S+t=1/);
  const tied = page.locator("#tied");
  await tied.waitFor();
  const token = (await tied.locator("code").innerText()).replace("imp=", "");
  const ad = new URL(await page.getByRole("link", { name: "Look at it" }).getAttribute("href"));
  assert.equal(ad.searchParams.get("imp"), token);
  assert.equal(token, (await seen).headers()["x-pixeld-imp"]);

  const clicked = page.waitForResponse((response) => response.url().includes("/clktr?"));
  await page.getByRole("link", { name: "Look at it" }).click();
  assert.equal((await clicked).headers()["x-pixeld"], "ok", "the token is taken");
  await page.getByText("You came by the ad.").waitFor();
  await fits(page);
  await page.getByText("night", { exact: true }).click();
  await page.getByRole("button", { name: "Put it into the cart" }).click();
  await page.getByText("Frame M, night").waitFor();
  await fits(page);

  const fired = page.waitForResponse((response) => /\/px\?.*order_id=/.test(response.url()));
  await page.getByRole("button", { name: /^Buy it/ }).click();
  await page.getByRole("heading", { level: 1, name: "Thank you!" }).waitFor();
  assert.equal((await fired).status(), 200);
  await fits(page);
  const order = await page.locator(".thanks strong").first().innerText();

  await page.getByRole("link", { name: "See how it was credited" }).click();
  await page.getByLabel("User").fill(demo.user);
  await page.getByLabel("Password").fill(demo.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  const row = page.getByRole("row").filter({ hasText: order });
  await reloadUntil(page, row);
  assert.match(await row.innerText(), /post-click[\s\S]*Road bikes[\s\S]*890\.00 EUR/);
});
