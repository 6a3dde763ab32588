// What the pages look like beyond one screen: the theme that a user chose, the filters on a phone, and on paper.

import assert from "node:assert/strict";
import { test } from "node:test";
import { signIn } from "../support/admin.mjs";
import { newPage, startBrowser } from "../support/browser.mjs";
import { sideways } from "../support/pages.mjs";
import { startDemo } from "../support/servers.mjs";

const ground = (page) => page.locator("main").evaluate((main) => getComputedStyle(main).backgroundColor);
const WHITE = "rgb(255, 255, 255)";

async function start(t, options) {
  const demo = await startDemo(t);
  const page = await newPage(t, await startBrowser(t), options);
  await signIn(page, demo, demo);
  return { page, url: demo.url };
}

for (const javaScriptEnabled of [true, false]) {
  test(`the theme that was chosen stays, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async (t) => {
    const { page, url } = await start(t, { javaScriptEnabled });
    const choose = async (theme) => {
      await page.locator(".who > summary").click();
      await page.locator(`.who button[name=theme][value="${theme}"]`).click();
      await page.locator(theme ? `html[data-theme=${theme}]` : "html:not([data-theme])").waitFor();
    };
    await page.goto(`${url}/admin/pixels?search=a`);
    await choose("dark");
    assert.equal(page.url(), `${url}/admin/pixels?search=a`, "the user stays on the page");
    await page.goto(`${url}/admin/reports`);
    assert.equal(await page.locator("html[data-theme=dark]").count(), 1);
    await choose("");
    await page.goto(`${url}/admin`);
    assert.equal(await page.locator("html[data-theme]").count(), 0);
  });
}

test("on a phone, one button shows the filters, and filters that are set show from the start", async (t) => {
  const { page, url } = await start(t, { viewport: { width: 375, height: 740 }, javaScriptEnabled: false });
  const status = page.locator(".filters [name=status]");
  await page.goto(`${url}/admin/pixels`);
  assert.equal(await status.isVisible(), false);
  await page.locator(".filters-more > summary").click();
  await status.selectOption("inactive");
  await page.locator(".filters > button").click();
  await page.waitForURL(/status=inactive/);
  assert.equal(await status.isVisible(), true);
  assert.equal(await page.locator(".filters-more").isVisible(), false);
});

test("the menu at the right of a phone does not hang over the edge", async (t) => {
  const { page, url } = await start(t, { viewport: { width: 375, height: 740 } });
  await page.goto(`${url}/admin/pixels/1`);
  await page.locator(".head .pick > .bare").click();
  assert.equal(await sideways(page), 0);
});

test("on paper, a page is dark on white and shows every row and column", async (t) => {
  const { page, url } = await start(t, { colorScheme: "dark" });
  await page.goto(`${url}/admin/reports?type=advertiser_analytics&range=last_30_days`);
  await page.setViewportSize({ width: 700, height: 900 });
  await page.emulateMedia({ media: "print" });
  assert.equal(await ground(page), WHITE);
  const hidden = await page.locator(".scroll:visible").evaluateAll((boxes) =>
    boxes.filter((box) => getComputedStyle(box).overflowX !== "visible" || box.scrollWidth > innerWidth).length);
  assert.equal(hidden, 0, "no box cuts its table");
  assert.equal(await page.locator("nav.nav:visible, main button:visible").count(), 0, "no controls");
});
