// Without a mouse: everything can be reached in the order in which it stands, one sees where one is, and what opens can be
// closed again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { makePixel, newPage, setUp, startBrowser, startServer } from "../support/harness.mjs";

// What has the focus: its words, whether one sees that it has it, and whether it stands where it can be seen.
const focused = (page) => page.evaluate(() => {
  const element = document.activeElement;
  const shown = [element, element.closest(".choice")].filter(Boolean).some((part) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(part);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  });
  const { top, bottom, width } = element.getBoundingClientRect();
  const label = element.labels?.[0]?.innerText ?? element.getAttribute("aria-label") ?? element.innerText ?? "";
  const order = [...document.querySelectorAll("*")].indexOf(element);
  return { tag: element.tagName, label: label.trim().replace(/\s+/g, " "), shown, inView: bottom > 0 && top < innerHeight && width > 0, order };
});

// Presses Tab until what begins with these words has the focus.
async function tabTo(page, words) {
  for (let presses = 0; presses < 80; presses += 1) {
    const now = await focused(page);
    if (now.label.startsWith(words)) return now;
    await page.keyboard.press("Tab");
  }
  throw new Error(`“${words}” is not reached by Tab; now at ${JSON.stringify(await focused(page))}`);
}

test("the skip link leads past the navigation, and every stop is seen and in order", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t));
  await setUp(page, server);
  await makePixel(page, server);
  await page.goto(`${server.url}/admin/pixels/1/edit`);
  await page.keyboard.press("Tab");
  const skip = await focused(page);
  assert.deepEqual([skip.label, skip.shown, skip.inView], ["Skip to the content", true, true]);
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");

  for (const path of ["/admin/pixels/1/edit", "/admin/pixels", "/admin/export?id=1"]) {
    await page.goto(server.url + path);
    const stops = [];
    for (let presses = 0; presses < 120; presses += 1) {
      await page.keyboard.press("Tab");
      const stop = await focused(page);
      if (stop.tag === "BODY") break;
      assert.ok(stop.shown && stop.inView, `${path}: the focus on ${stop.tag} “${stop.label}” can be seen`);
      stops.push(stop.order);
    }
    assert.ok(stops.length > 15, `${path} has ${stops.length} stops`);
    assert.deepEqual(stops, stops.toSorted((a, b) => a - b), `${path}: in the order of the page`);
  }
});

test("a pixel is made, deactivated and deleted by keyboard alone", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t));
  await setUp(page, server);
  await tabTo(page, "Add it");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "New advertiser" }).waitFor();
  await tabTo(page, "Name");
  await page.keyboard.type("ProStarr Sportswear");
  await page.keyboard.press("Enter");
  await page.getByText("“ProStarr Sportswear” is made.").waitFor();

  await page.goto(`${server.url}/admin/pixels/new`);
  await tabTo(page, "Name");
  await page.keyboard.type("Purchase");
  await tabTo(page, "Clicks and views");
  await page.keyboard.press("ArrowDown");
  assert.match((await focused(page)).label, /^Clicks only/);
  await tabTo(page, "Lookback window for clicks");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("7");
  await tabTo(page, "Add a piggyback");
  await page.keyboard.press("Enter");
  assert.match((await focused(page)).label, /^Type/, "it goes on in the new row");
  await tabTo(page, "Create pixel");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Purchase" }).waitFor();
  await page.getByText("a click up to 7 days before").waitFor();

  await tabTo(page, "Delete");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  assert.match((await focused(page)).label, /^Keep it/, "the harmless answer has the focus");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.match((await focused(page)).label, /^Delete/, "the focus is back where it was");
  await page.keyboard.press("Enter");
  await tabTo(page, "Delete pixel");
  await page.keyboard.press("Enter");
  await page.getByText("“Purchase” is deleted.").waitFor();
});

test("on a phone the menu opens and closes by keyboard", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t), { viewport: { width: 375, height: 740 } });
  await setUp(page, server);
  const link = page.getByRole("link", { name: "Export tags" }).and(page.locator(":visible")).first();
  await tabTo(page, "Menu");
  assert.equal(await page.locator(".menu a").first().isVisible(), false);
  await page.keyboard.press("Enter");
  await link.waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".menu a").first().isVisible(), false);
  assert.match((await focused(page)).label, /^Menu/);
});
