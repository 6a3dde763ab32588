// Reports as people use them: run, download, save and run again; without scripts; by the keyboard; with a limit to one
// advertiser.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { makePixel, newPage, reloadUntil, setUp, signIn, startBrowser, startServer } from "../support/harness.mjs";

// Who is no bot.
const PERSON = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

// A server with a pixel that has fired twice, and its admin at a page.
async function withFires(t, options = {}) {
  const server = await startServer(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser, options);
  await setUp(page, server);
  await makePixel(page, server, "Purchase");
  for (const order of ["R-1", "R-2"]) {
    const fired = await fetch(`${server.url}/px?id=1&order_id=${order}&value=10`, { headers: { "User-Agent": PERSON } });
    assert.equal(fired.status, 200);
  }
  await page.goto(`${server.url}/admin/reports?type=pixel_outcomes&range=today`);
  await reloadUntil(page, page.getByText("1 row", { exact: true }));
  return { server, browser, page };
}

// Presses a button that downloads, and reads the file.
async function downloaded(page, press) {
  const [download] = await Promise.all([page.waitForEvent("download"), press()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

// The table of the report as text, a line a row.
const table = (page) => page.getByRole("region", { name: "The report" }).locator("tbody tr").allInnerTexts();

test("a report is run, downloaded, saved and run again", async (t) => {
  const { server, page } = await withFires(t);
  await page.goto(`${server.url}/admin/pixels/1`);
  await page.getByRole("link", { name: "Report", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "What became of fires" }).waitFor();
  await page.getByText("Filters: pixel").waitFor();
  const today = new Date().toISOString().slice(0, 10);
  assert.deepEqual(await table(page), [`${today}\tPurchase\t2\t0\t0\t2\t0`]);

  await page.getByText(/^Columns:/).click();
  for (const column of ["Post-click", "Post-view", "Unattributed", "Not counted"]) {
    await page.getByRole("checkbox", { name: column, exact: false }).first().uncheck();
  }
  await page.getByRole("button", { name: "Show the report" }).click();
  await page.getByText("Columns: 3 of").waitFor();
  const file = await downloaded(page, () => page.getByRole("button", { name: "Download as CSV" }).click());
  assert.match(file.name, /^report-[0-9a-f]{32}\.csv$/);
  assert.equal(file.text, `day,pixel_name,fires\r\n${today},Purchase,2\r\n`);
  const json = await downloaded(page, () => page.getByRole("button", { name: "Download as JSON" }).click());
  assert.deepEqual(JSON.parse(json.text), [{ day: today, pixel_name: "Purchase", fires: 2 }]);

  await page.getByLabel("Name", { exact: true }).fill("Fires of the week");
  await page.getByRole("button", { name: "Save report" }).click();
  await page.getByText("“Fires of the week” is saved").waitFor();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Reports" }).click();
  await page.getByRole("link", { name: "Fires of the week", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Fires of the week" }).waitFor();
  assert.deepEqual(await table(page), [`${today}\tPurchase\t2`]);

  await page.getByRole("link", { name: "Rename or delete" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Weekly");
  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByText("It is called “Weekly” now.").waitFor();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("heading", { name: "Delete the saved report “Weekly”?" }).waitFor();
  await page.getByRole("button", { name: "Delete saved report" }).click();
  await page.getByText("“Weekly” is deleted.").waitFor();
  await page.getByText("No saved reports yet").waitFor();
});

test("choosing a day chooses dates, and the commands are copied", async (t) => {
  const { page } = await withFires(t);
  await page.getByLabel("From").fill("2026-01-01");
  assert.equal(await page.getByLabel("Range").inputValue(), "dates");
  await page.getByLabel(/^To/).fill("2026-01-31");
  await page.getByRole("button", { name: "Show the report" }).click();
  await page.getByText("Nothing to report").waitFor();
  assert.match(page.url(), /range=dates&from=2026-01-01&to=2026-01-31/);
  await page.getByRole("button", { name: /^Copy/ }).click();
  await page.getByText("Copied", { exact: true }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /"start_date":"2026-01-01","end_date":"2026-02-01"/);
});

test("without JavaScript a report is set up, shown, downloaded and saved", async (t) => {
  const { page } = await withFires(t, { javaScriptEnabled: false });
  await page.getByText(/^Filters:/).click();
  await page.locator("#pixel_id").selectOption({ label: "Purchase" });
  await page.getByLabel("Range").selectOption({ label: "Yesterday" });
  await page.getByRole("button", { name: "Show the report" }).click();
  await page.getByText("Nothing to report").waitFor();
  await page.getByLabel("Range").selectOption({ label: "Today so far" });
  await page.getByRole("button", { name: "Show the report" }).click();
  assert.equal((await table(page)).length, 1);
  const file = await downloaded(page, () => page.getByRole("button", { name: "Download as TSV" }).click());
  assert.match(file.text, /^day\tpixel_name\tfires\t/);
  await page.getByRole("button", { name: "Save report" }).click();
  await page.getByText("Name is required and must not be blank.").first().waitFor();
  await page.getByLabel("Name", { exact: true }).fill("Today");
  await page.getByRole("button", { name: "Save report" }).click();
  await page.getByRole("heading", { level: 1, name: "Today" }).waitFor();
});

test("with the keyboard alone a report is chosen, filtered and sorted", async (t) => {
  const { server, page } = await withFires(t);
  await page.goto(`${server.url}/admin/reports`);
  const reach = async (locator) => {
    for (let step = 0; step < 120; step += 1) {
      if (await locator.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`the Tab key never comes to ${locator}`);
  };
  await reach(page.getByRole("link", { name: "When pixels last fired" }));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "When pixels last fired" }).waitFor();
  await reach(page.locator("summary", { hasText: "Filters" }));
  await page.keyboard.press("Enter");
  await reach(page.locator("#pixel_id"));
  await page.keyboard.press("ArrowDown");
  await reach(page.getByRole("button", { name: "Show the report" }));
  await page.keyboard.press("Enter");
  await page.getByText("Filters: pixel").waitFor();
  assert.equal((await table(page)).length, 1);
  const head = page.getByRole("columnheader", { name: "Last fired" });
  await reach(head.getByRole("link"));
  await page.keyboard.press("Enter");
  await page.locator('th[aria-sort="ascending"]').waitFor();
});

test("who is limited to an advertiser runs its reports and saves none", async (t) => {
  const { server, browser, page } = await withFires(t);
  await page.goto(`${server.url}/admin/users/new`);
  await page.getByLabel("User", { exact: true }).fill("vera");
  await page.getByLabel("Password", { exact: true }).fill("a long enough one");
  await page.getByRole("radio", { name: /^Viewer/ }).check({ force: true });
  await page.locator("#advertiser_id").selectOption({ label: "ProStarr Sportswear" });
  await page.getByRole("button", { name: "Create user" }).click();
  await page.getByText("vera").first().waitFor();
  const viewer = await newPage(t, browser);
  await signIn(viewer, server, { user: "vera", password: "a long enough one" });
  await viewer.goto(`${server.url}/admin/reports?type=pixel_outcomes&range=today`);
  assert.equal((await table(viewer)).length, 1);
  assert.equal(await viewer.getByRole("heading", { name: "Save this report" }).count(), 0);
  const file = await downloaded(viewer, () => viewer.getByRole("button", { name: "Download as CSV" }).click());
  assert.match(file.text, /Purchase,2,/);
});
