// Everything about a pixel without JavaScript, and what the script adds to the export page.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { choose, deleteIt, heading, link, makePixel, openFold, setUp, submit } from "../support/admin.mjs";
import { newPage, startBrowser } from "../support/browser.mjs";
import { isFocused } from "../support/pages.mjs";
import { startServer } from "../support/servers.mjs";

async function start(t, options) {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t), options);
  await setUp(page, server);
  const create = await makePixel(page, server, "Sign-up");
  return { server, page, create };
}

const param = (page, name) => page.locator(`[name="param"][value="${name}"]`);

test("without JavaScript, rows of extra pixels are added by the server", async (t) => {
  const { server, page } = await start(t, { javaScriptEnabled: false });
  const url = page.locator('[name="piggyback_url"]');
  await page.goto(`${server.url}/admin/pixels/new`);
  await page.locator("#name").fill("Purchase");
  await openFold(page, "Advanced");
  await url.fill("https://a.example/1");
  await page.locator('[data-add-row="piggyback"]').click();
  assert.equal(await page.locator("#name").inputValue(), "Purchase", "the form keeps its text");
  await url.nth(1).fill("a.example/no-address");
  await page.locator('[name="piggyback_type"]').nth(1).selectOption("js");
  await submit(page);
  await page.getByRole("alert").waitFor();
  assert.equal(await url.nth(0).inputValue(), "https://a.example/1");
  assert.equal(await url.nth(1).getAttribute("aria-invalid"), "true");
  await url.nth(1).fill("https://a.example/2.js");
  await submit(page);
  await page.getByText("https://a.example/2.js").waitFor();

  // A row without a URL is left out.
  await link(page, "/admin/pixels/2/edit").click();
  await openFold(page, "Advanced");
  await url.nth(1).fill("");
  await page.locator("#name").fill("Sale");
  await page.locator("#name").press("Enter");
  await heading(page, "Sale").waitFor();
  assert.equal(await page.getByText("https://a.example/2.js").count(), 0);

  await deleteIt(page);
  assert.equal((await page.goto(`${server.url}/admin/pixels/2`)).status(), 404);
});

test("without JavaScript, the export page makes a tag with a segment", async (t) => {
  const { server, page, create } = await start(t, { javaScriptEnabled: false });
  await create("segment", { short_name: "Customers" });
  const noscript = page.locator('[name="noscript"]');
  await page.goto(`${server.url}/admin/export?id=1`);
  await page.locator("#customise > summary").click();
  await choose(page, "kind", "script");
  await param(page, "currency").check();
  assert.equal(await noscript.count(), 0);
  await page.locator('[name="segment"]').selectOption("1");
  await page.locator('[name="segment_value"]').fill("5");
  await page.locator('[data-add-row="segment"]').click();
  await page.locator('[name="segment"]').nth(1).waitFor();
  await noscript.check();
  await page.locator("#site").selectOption("no");
  await submit(page);
  assert.equal(await page.locator("#tags pre[id^=site]").count(), 0);
  const tag = await page.locator("#tag-1").innerText();
  const [url, image] = [1, 2].map((form) => `${server.url}/px?id=1&seg=1:5&order_id=[ORDER_ID]&value=[REVENUE]&currency=[CURRENCY]&t=${form}`);
  assert.equal(tag, `<script src="${url}" async referrerpolicy="no-referrer-when-downgrade"></script>\n<noscript><img src="${image}" width="1" height="1" alt="" referrerpolicy="no-referrer-when-downgrade" /></noscript>`);
  const [file] = await Promise.all([page.waitForEvent("download"), page.locator('#tags a[href*=".txt"]').click()]);
  assert.equal(file.suggestedFilename(), "tags.txt");
  assert.equal(await readFile(await file.path(), "utf8"), `1 Sign-up\n${tag}\n\n`);
  await choose(page, "for", "server");
  await submit(page);
  await page.locator("#customise .hint", { hasText: "A server cannot change segments" }).waitFor();
});

test("without JavaScript, a search finds a pixel by its advertiser", async (t) => {
  const { server, page, create } = await start(t, { javaScriptEnabled: false });
  const { id } = await create("advertiser", { name: "Ridgeline Cycles" });
  await create("pixel", { name: "Sale", trigger_type: "hybrid" }, `advertiser_id=${id}`);
  await page.goto(`${server.url}/admin/export`);
  assert.equal(await page.locator("#id optgroup").count(), 2);
  await page.locator("#q").fill("ridgeline");
  await submit(page);
  await page.locator("#tag-2").waitFor();
  assert.equal(await page.locator("#id option").count(), 1);
});

test("with JavaScript, the tags follow every choice", async (t) => {
  const { server, page } = await start(t);
  await page.goto(`${server.url}/admin/export`);
  const tag = page.locator("#tag-1");
  await tag.getByText("/px?id=1&order_id=[ORDER_ID]&value=[REVENUE]&t=2").waitFor();
  await page.locator("#customise > summary").click();
  await param(page, "event_id").press("Space");
  await tag.getByText("&event_id=[EVENT_ID]&t=2").waitFor();
  assert.ok(await isFocused(param(page, "event_id")), "the focus stays");
  assert.equal(await page.locator(".toast.is-shown").count(), 0, "no message at each change");
  await page.locator("#for-shopify").press("Space");
  await tag.getByText("analytics.subscribe").waitFor();
  assert.ok(await param(page, "currency").isChecked(), "the shop knows it");
  assert.ok(await isFocused(page.locator("#for-shopify")), "the focus stays");
  await page.locator("#for-postback").press("Space");
  await tag.getByText("/sspx?id=1&").waitFor();
  assert.ok(await param(page, "redir").isDisabled(), "a server-side pixel cannot redirect");
  assert.match(page.url(), /for=postback/, "the address can be shared");
  await page.reload();
  await tag.getByText("/sspx?id=1&").waitFor();
});

test("with JavaScript, a search leaves the pixels that match while it is typed", async (t) => {
  const { server, page, create } = await start(t);
  const { id } = await create("advertiser", { name: "Ridgeline Cycles" });
  for (const name of ["Sale", "Lead"]) await create("pixel", { name, trigger_type: "hybrid" }, `advertiser_id=${id}`);
  await page.goto(`${server.url}/admin/export?id=1`);
  const options = page.locator("#id option");
  assert.equal(await options.count(), 3);
  await page.locator("#q").pressSequentially("ridge LEAD");
  await page.waitForFunction(() => document.querySelectorAll("#id option").length === 2);
  assert.equal(await page.locator("#id").inputValue(), "1", "the chosen one stays");
  await page.locator("#q").fill("");
  await page.waitForFunction(() => document.querySelectorAll("#id option").length === 3);
});

test("without JavaScript, own days are chosen and compared", async (t) => {
  const { server, page } = await start(t, { javaScriptEnabled: false });
  await page.goto(`${server.url}/admin/advertisers/1?uncredited=on`);
  const picker = page.locator("details.pick:has(.range)");
  await picker.locator("summary").click();
  await picker.locator("#scope-from").fill("2026-01-05");
  await picker.locator("#scope-to").fill("2026-01-11");
  await picker.locator("#scope-compare").selectOption("off");
  await submit(picker, "form");
  assert.match(page.url(), /uncredited=on.*from=2026-01-05&to=2026-01-11&compare=off/, "the rest of the address stays");
  assert.match(await picker.locator("summary").innerText(), /^5 Jan – 11 Jan/);
  assert.equal(await page.locator(".tile-figure").count(), 4);
  await page.goto(`${server.url}/admin/advertisers/1?from=2026-01-11&to=2026-01-05`);
  assert.equal(await page.locator(".notice.warn").count(), 1);
  assert.equal(await page.locator(".tile-figure").count(), 4, "the rest is shown");
});
