// Reports: run, download, save and run again; without scripts; by the keyboard; as a user limited to one advertiser.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { choose, deleteIt, flash, heading, link, makePixel, navigate, onOverview, setUp, signIn, submit } from "../support/admin.mjs";
import { newPage, reloadUntil, startBrowser } from "../support/browser.mjs";
import { tabTo } from "../support/pages.mjs";
import { startServer } from "../support/servers.mjs";

// A browser, so that pixeld does not take the requests for a bot's.
const BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const TODAY = "/admin/reports?type=pixel_outcomes&range=today";

// The rows of the table behind its totals.
const rows = (page) => page.locator('[aria-label="Report"] tbody tr:not(.total)');

// A server whose pixel has fired twice, and its admin on the report of today.
async function start(t, options = {}) {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser, options);
  await setUp(page, server);
  await makePixel(page, server, "Purchase");
  for (const order of ["R-1", "R-2"]) {
    const answer = await fetch(`${server.url}/px?id=1&order_id=${order}&value=10`, { headers: { "User-Agent": BROWSER } });
    assert.equal(answer.status, 200);
  }
  await page.goto(server.url + TODAY);
  await reloadUntil(page, rows(page));
  return { server, browser, page };
}

// A day as the page writes it: "1 Oct 2026".
const shown = (day) => new Date(day).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).replace("Sept", "Sep");

// Shows the report of the form.
const show = (page) => submit(page, 'main form[action="/admin/reports"]');

async function save(page, name) {
  if (!(await page.locator("#save[open]").count())) await page.locator("#save > summary").click();
  await page.locator("#name").fill(name);
  await submit(page, 'main form[action="/admin/reports/saved"]');
}

// Downloads the report in this format, and reads the file.
async function download(page, format) {
  const [file] = await Promise.all([page.waitForEvent("download"), page.locator(`button[name="format"][value="${format}"]`).click()]);
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
}

test("a report is run, downloaded, saved and run again", async (t) => {
  const { server, page } = await start(t);
  await page.goto(`${server.url}/admin/pixels/1`);
  await page.locator('main a[href*="type=pixel_outcomes"]').click();
  await rows(page).first().waitFor();
  assert.equal(await page.locator("#pixel_id").inputValue(), "1");
  const today = new Date().toISOString().slice(0, 10);
  assert.deepEqual(await rows(page).allInnerTexts(), [`${shown(today)}\tPurchase\t2\t0\t0\t2\t0`]);

  await page.locator("#columns > summary").click();
  for (const column of ["post_click", "post_view", "unattributed", "not_counted"]) {
    await page.locator(`[type="checkbox"][value="${column}"]`).uncheck();
  }
  await show(page);
  await page.locator("#columns > summary").filter({ hasText: /\b3\b/ }).waitFor();
  const csv = await download(page, "csv");
  assert.match(csv.name, /^report-[0-9a-f]{32}\.csv$/);
  assert.equal(csv.text, `day,pixel_name,fires\r\n${today},Purchase,2\r\n`);
  const json = await download(page, "json");
  assert.deepEqual(JSON.parse(json.text), [{ day: today, pixel_name: "Purchase", fires: 2 }]);

  await save(page, "Fires of the week");
  await flash(page).waitFor();
  await navigate(page, "/admin/reports");
  await page.getByRole("link", { name: "Fires of the week", exact: true }).click();
  await heading(page, "Fires of the week").waitFor();
  assert.deepEqual(await rows(page).allInnerTexts(), [`${shown(today)}\tPurchase\t2`]);

  await link(page, "/admin/reports/saved/1").click();
  await page.locator("#name").fill("Weekly");
  await submit(page, 'main form[action="/admin/reports/saved/1"]');
  await flash(page).filter({ hasText: "Weekly" }).waitFor();
  await deleteIt(page);
  assert.equal((await page.goto(`${server.url}/admin/reports/saved/1`)).status(), 404);
});

test("choosing a day chooses dates, and the commands are copied", async (t) => {
  const { page } = await start(t);
  await page.locator("#from").fill("2026-01-01");
  assert.equal(await page.locator("#range").inputValue(), "dates");
  await page.locator("#to").fill("2026-01-31");
  await show(page);
  await page.locator(".empty").waitFor();
  assert.match(page.url(), /range=dates&from=2026-01-01&to=2026-01-31/);
  await page.getByText("Get it through the API").click();
  await page.locator('[data-copy="commands"]').click();
  await page.locator(".toast.is-shown").waitFor();
  const commands = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(commands, /"start_date":"2026-01-01","end_date":"2026-02-01"/);
});

test("without JavaScript a report is set up, shown, downloaded and saved", async (t) => {
  const { page } = await start(t, { javaScriptEnabled: false });
  await page.locator("details:has(#pixel_id) > summary").click();
  await page.locator("#pixel_id").selectOption("1");
  await page.locator("#range").selectOption("yesterday");
  await show(page);
  await page.locator(".empty").waitFor();
  await page.locator("#range").selectOption("today");
  await show(page);
  await rows(page).first().waitFor();
  assert.equal(await rows(page).count(), 1);
  const file = await download(page, "excel");
  assert.match(file.text, /^\ufeffday\tpixel_name\tfires\t/);
  await save(page, "");
  await page.locator("#name-error").waitFor();
  await save(page, "Today");
  await heading(page, "Today").waitFor();
});

test("the keyboard alone chooses, filters and sorts a report", async (t) => {
  const { server, page } = await start(t);
  await page.goto(`${server.url}/admin/reports`);
  await tabTo(page, link(page, "/admin/reports?type=pixel_fired"));
  await page.keyboard.press("Enter");
  await page.waitForURL(/type=pixel_fired/);
  await tabTo(page, page.locator("details:has(#pixel_id) > summary"));
  await page.keyboard.press("Enter");
  await tabTo(page, page.locator("#pixel_id"));
  await page.keyboard.press("ArrowDown");
  await tabTo(page, page.locator('main form[action="/admin/reports"] .foot button'));
  await page.keyboard.press("Enter");
  await page.waitForURL(/pixel_id=1/);
  await rows(page).first().waitFor();
  assert.equal(await rows(page).count(), 1);
  await tabTo(page, page.locator('[aria-label="Report"] thead a').last());
  await page.keyboard.press("Enter");
  await page.locator('th[aria-sort="ascending"]').waitFor();
});

test("a user limited to an advertiser runs its reports and saves none", async (t) => {
  const { server, browser, page } = await start(t);
  await page.goto(`${server.url}/admin/users/new`);
  await page.locator("#username").fill("vera");
  await page.locator("#password").fill("a long enough one");
  await choose(page, "role", "viewer");
  await page.locator("#advertiser_id").selectOption("1");
  await submit(page);
  await page.waitForURL((url) => url.pathname === "/admin/users");
  const viewer = await newPage(t, browser);
  await signIn(viewer, server, { user: "vera", password: "a long enough one" });
  await onOverview(viewer);
  await viewer.goto(server.url + TODAY);
  await rows(viewer).first().waitFor();
  assert.equal(await rows(viewer).count(), 1);
  assert.equal(await viewer.locator('form[action="/admin/reports/saved"]').count(), 0);
  const file = await download(viewer, "csv");
  assert.match(file.text, /Purchase,2,/);
});
