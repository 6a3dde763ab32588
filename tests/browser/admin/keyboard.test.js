// Without a mouse: Tab reaches everything in the order of the page, the focus is always visible, and Escape closes what
// Enter opened.

import assert from "node:assert/strict";
import { test } from "node:test";
import { flash, heading, makePixel, setUp } from "../support/admin.mjs";
import { newPage, startBrowser } from "../support/browser.mjs";
import { isFocused, tabTo } from "../support/pages.mjs";
import { startServer } from "../support/servers.mjs";

// The focused element: whether its outline shows, whether it is in view, and its place in the page.
const focused = (page) => page.evaluate(() => {
  const element = document.activeElement;
  const outlined = [element, element.closest(".choice")].filter(Boolean).some((part) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(part);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  });
  const { top, bottom, width } = element.getBoundingClientRect();
  const order = [...document.querySelectorAll("*")].indexOf(element);
  return { tag: element.tagName, html: element.outerHTML.slice(0, 160), visible: outlined && bottom > 0 && top < innerHeight && width > 0, order };
});

async function start(t, options) {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t), options);
  await setUp(page, server);
  return { server, page };
}

test("the skip link leads past the navigation, and every stop is visible and in order", async (t) => {
  const { server, page } = await start(t);
  await makePixel(page, server);
  await page.goto(`${server.url}/admin/pixels/1/edit`);
  await page.keyboard.press("Tab");
  assert.ok(await isFocused(page.locator('a[href="#main"]')));
  assert.ok((await focused(page)).visible);
  await page.keyboard.press("Enter");
  assert.ok(await isFocused(page.locator("#main")));

  for (const path of ["/admin/pixels/1/edit", "/admin/pixels", "/admin/export?id=1"]) {
    await page.goto(server.url + path);
    const stops = [];
    for (let presses = 0; presses < 120; presses += 1) {
      await page.keyboard.press("Tab");
      const stop = await focused(page);
      if (stop.tag === "BODY") break;
      assert.ok(stop.visible, `${path}: the focus on ${stop.html} is visible`);
      stops.push(stop.order);
    }
    assert.ok(stops.length > 15, `${path} has ${stops.length} stops`);
    assert.deepEqual(stops, [...stops].sort((a, b) => a - b), `${path}: in the order of the page`);
  }
});

test("the keyboard alone makes a pixel, edits it and deletes it", async (t) => {
  const { server, page } = await start(t);
  await tabTo(page, page.locator('.side .nav a[href="/admin/advertisers"]'));
  await page.keyboard.press("Enter");
  await page.waitForURL(/advertisers$/);
  await tabTo(page, page.locator('main a[href="/admin/advertisers/new"]').first());
  await page.keyboard.press("Enter");
  await tabTo(page, page.locator("#name"));
  await page.keyboard.type("ProStarr Sportswear");
  await page.keyboard.press("Enter");
  await flash(page).waitFor();

  await page.goto(`${server.url}/admin/pixels/new`);
  await tabTo(page, page.locator("#name"));
  await page.keyboard.type("Purchase");
  await tabTo(page, page.locator("#trigger_type-hybrid"));
  await page.keyboard.press("ArrowDown");
  assert.ok(await isFocused(page.locator("#trigger_type-click")));
  await tabTo(page, page.locator("#post_click_expire_mins"));
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("7");
  await tabTo(page, page.locator("main details.fold > summary"));
  await page.keyboard.press("Enter");
  await tabTo(page, page.locator('[data-add-row="piggyback"]'));
  await page.keyboard.press("Enter");
  assert.ok(await isFocused(page.locator('[name="piggyback_type"]').last()), "the focus is in the new row");
  await tabTo(page, page.locator("main form .foot button"));
  await page.keyboard.press("Enter");
  await heading(page, "Purchase").waitFor();

  const remove = page.locator('main form[action$="/delete"] button');
  await tabTo(page, page.locator("main .head .pick > .bare"));
  await page.keyboard.press("Enter");
  await tabTo(page, remove);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  assert.ok(await isFocused(page.locator("dialog button").first()), "the harmless answer has the focus");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.ok(await isFocused(remove), "the focus is back");
  await page.keyboard.press("Enter");
  await tabTo(page, page.locator("dialog .danger"));
  await page.keyboard.press("Enter");
  await flash(page).waitFor();
  assert.equal((await page.goto(`${server.url}/admin/pixels/1`)).status(), 404);
});

test("on a phone the menu opens and closes by keyboard", async (t) => {
  const { page } = await start(t, { viewport: { width: 375, height: 740 } });
  const menu = page.locator(".menu > summary");
  const link = page.locator('.menu a[href="/admin/export"]');
  await tabTo(page, menu);
  assert.equal(await link.isVisible(), false);
  await page.keyboard.press("Enter");
  await link.waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await link.isVisible(), false);
  assert.ok(await isFocused(menu));
});

test("the keyboard alone chooses a range, and the pages keep it", async (t) => {
  const { server, page } = await start(t);
  await makePixel(page, server);
  await page.goto(`${server.url}/admin/advertisers/1`);
  const picker = page.locator("details.pick:has(.range)");
  await tabTo(page, picker.locator("summary"));
  await page.keyboard.press("Enter");
  await picker.locator("form").waitFor();
  await page.keyboard.press("Escape");
  await picker.locator("form").waitFor({ state: "hidden" });
  assert.ok(await isFocused(picker.locator("summary")), "Escape leads back");
  await page.keyboard.press("Enter");
  await tabTo(page, picker.locator('a[href*="range=last_7_days"]'));
  await page.keyboard.press("Enter");
  await page.waitForURL(/range=last_7_days/);
  const chosen = async () => [await picker.locator("summary").innerText(), await picker.locator("[aria-current]").count()];
  assert.deepEqual(await chosen(), ["Last 7 days", 1]);
  await page.goto(`${server.url}/admin/advertisers/1`);
  assert.deepEqual(await chosen(), ["Last 7 days", 1]);
});
