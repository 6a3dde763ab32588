// Every page, light and dark, wide and on a phone: axe finds no fault, the page fits and needs few requests. The tests find
// pages by their links, and list the pages that no link leads to.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setUp, signIn, submit } from "../support/admin.mjs";
import { newPage, startBrowser } from "../support/browser.mjs";
import { crawl, faults, kindOf, oddities, requests, sideways } from "../support/pages.mjs";
import { startDemo, startServer } from "../support/servers.mjs";

const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 375, height: 740 };
// On none of these widths a page scrolls sideways.
const WIDTHS = [320, 375, 768, 1024, 1280, 1920];

// In dark and on a phone, only these rules can give another result.
const COLOURS = ["color-contrast", "link-in-text-block"];
const LAYOUT = ["target-size", "scrollable-region-focusable", "aria-hidden-focus", "label", "button-name", "link-name", "landmark-unique", "region"];

// Pages that no link leads to, in states that a link does not give.
const STARTS = [
  "/admin",
  "/admin/pixels",
  "/admin/pixels?search=nothing-is-called-so",
  "/admin/conversions?outcome=attributed&reason=post_click",
  "/admin/export?id=1,2",
  "/admin/export?id=1&chosen=yes&for=magento&kind=script",
  "/admin/export?id=1&for=gtm",
  "/admin/export?id=1&for=server",
  "/admin/live?test=on&pixel=1&site=on",
  "/admin/live?test=on&pixel=1",
  "/admin/reports?type=advertiser_analytics",
  "/admin/reports?type=attributed_conversions&range=yesterday&pixel_id=1",
  "/admin/reports?type=pixel_outcomes&range=last_30_days&pixel_id=1,2",
  "/admin/reports?type=segment_load",
  "/admin/reports?type=pixel_fired",
  "/admin/settings/public-address?return_to=/admin/export",
  "/admin/search?q=road",
  "/admin/segments?state=foo&colour=red",
];

const ODD = [
  ["/admin/no/such/page", 404],
  ["/admin/pixels/4711", 404],
  ["/admin/visitors/7f", 200],
  ["/admin/visitors?visitor=optout", 200],
  ["/admin/export?id=1&chosen=yes&kind=server&param=redir", 200],
];

// Some of the pages that the links must lead to.
const REACHED = [
  "/admin/pixels/new", "/admin/pixels/N", "/admin/pixels/N/edit", "/admin/conversions/N", "/admin/segments/N", "/admin/visitors",
  "/admin/visitors/N", "/admin/users/N/edit", "/admin/tokens", "/admin/tokens/new", "/admin/settings", "/admin/settings/public-address", "/admin/account", "/admin/help", "/admin/help/changelog",
];

// Adds the faults of the open page, in all its forms, to `problems`. `briefly` skips the dark form, for pages whose parts
// other pages share.
async function lookOver(page, name, problems, { briefly = false } = {}) {
  const note = (mode, found) => found.forEach((fault) => problems.push(`${name}, ${mode}: ${fault}`));
  const loads = await requests(page);
  if (loads.length > 3) note("with a warm cache", [`needs ${loads.length} requests: ${loads.join(" ")}`]);
  // Without motion, so that axe sees no colour in transition.
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.setViewportSize(WIDE);
  note("light", await faults(page));
  note("in look and words", await oddities(page));
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  if (!briefly) note("dark", await faults(page, COLOURS));
  for (const width of briefly ? [PHONE.width] : WIDTHS) {
    await page.setViewportSize({ width, height: 740 });
    const over = await sideways(page);
    note(`${width} px wide`, over > 0 ? [`scrolls sideways by ${over} px`] : []);
  }
  await page.setViewportSize(PHONE);
  note("on a phone", await faults(page, LAYOUT));
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(WIDE);
}

// Empties every field of the form and posts it, as a browser without the script would: with errors, and unconfirmed.
async function postEmptied(page, action) {
  // A file in answer leaves the page as it is.
  const answered = Promise.race([page.waitForNavigation().catch(() => {}), page.waitForEvent("download").catch(() => {})]);
  await Promise.all([
    answered,
    page.evaluate((action) => {
      const form = document.querySelector(`main form[action="${action}"]`);
      for (const control of form.querySelectorAll("input:not([type=hidden]):not([type=radio]):not([type=checkbox]), textarea")) control.value = "";
      form.submit();
    }, action),
  ]);
}

const assertFine = (problems) => assert.equal(problems.length, 0, `\n${problems.join("\n")}`);

test("every page of a signed-in user", async (t) => {
  const demo = await startDemo(t);
  const page = await newPage(t, await startBrowser(t));
  await signIn(page, demo, demo);
  const problems = [];
  const forms = [];
  const look = async (path) => {
    await lookOver(page, path, problems);
    for (const action of await page.locator("main form[method=post]").evaluateAll((all) => all.map((form) => form.getAttribute("action")))) {
      // The first answers with a file, which is no page. The others end single sessions: the test's own one, or one that
      // an earlier form has ended by then.
      if (action === "/admin/reports/files" || /\/sessions\/(\d+|all)\/end$/.test(action)) continue;
      if (!forms.some((form) => kindOf(form.action) === kindOf(action))) forms.push({ path, action });
    }
  };
  const kinds = await crawl(page, demo.url, { starts: STARTS, look });
  for (const kind of REACHED) assert.ok(kinds.includes(kind), `${kind} is among ${kinds.join(" ")}`);

  assert.ok(forms.length >= 15, forms.map((form) => form.action).join(" "));
  for (const { path, action } of forms) {
    await page.goto(demo.url + path);
    assert.ok(await page.locator(`main form[action="${action}"]`).count(), `${path} has no form ${action} any more`);
    await postEmptied(page, action);
    await lookOver(page, `${action}, posted`, problems, { briefly: true });
  }
  for (const [path, status] of ODD) {
    assert.equal((await page.goto(demo.url + path)).status(), status);
    await lookOver(page, path, problems);
  }
  assertFine(problems);
});

test("pages without signing in", async (t) => {
  const server = await startServer(t);
  const demo = await startDemo(t);
  const page = await newPage(t, await startBrowser(t));
  const problems = [];
  // The second load finds the assets in the browser's cache.
  for (const path of ["/admin/sign-in", "/optout", "/optin", "/demo", "/demo/news", "/demo/shop", "/demo/shop?from=ad"]) {
    assert.equal((await page.goto(demo.url + path)).status(), 200, path);
    await page.goto(demo.url + path);
    await lookOver(page, path, problems);
  }
  await page.goto(`${server.url}/admin`);
  await page.reload();
  await lookOver(page, "set-up", problems);
  await submit(page);
  await page.getByRole("alert").waitFor();
  await lookOver(page, "set-up, refused", problems);
  await signIn(page, demo, { user: "nobody", password: "a wrong password" });
  await page.locator("#password-error").waitFor();
  await lookOver(page, "sign-in, refused", problems);
  assertFine(problems);
});

test("the steps of the set-up", async (t) => {
  const server = await startServer(t);
  const page = await newPage(t, await startBrowser(t));
  await setUp(page, server);
  const problems = [];
  const refused = async (name) => {
    await submit(page);
    await page.getByRole("alert").waitFor();
    await lookOver(page, name, problems);
  };
  // The second load finds the assets in the browser's cache.
  await page.goto(`${server.url}/admin/tracking/new`);
  await page.reload();
  await lookOver(page, "the shop", problems);
  await refused("the shop, refused");
  await page.locator("#name").fill("Green Tea Club");
  await page.locator("#site").fill("shop.example");
  await submit(page);
  await page.waitForURL(/\/ads$/);
  await page.reload();
  await lookOver(page, "the ads", problems);
  await refused("the ads, refused");
  for (const channel of ["google", "newsletter", "banners"]) await page.locator(`label[for="ads-${channel}"]`).click();
  await submit(page);
  await page.waitForURL(/\/snippets$/);
  await page.reload();
  await lookOver(page, "the snippets", problems);
  await page.goto(`${server.url}/admin/tracking/1/first-sale`);
  await page.reload();
  assert.equal(await page.locator(".wait-mark .trouble").count(), 1, "nobody else reaches 127.0.0.1");
  await lookOver(page, "the wait", problems);
  await page.request.get(`${server.url}/px?id=1&order_id=[ORDER_ID]`);
  await page.locator(".milestones .notice").nth(1).waitFor();
  await lookOver(page, "the wait, with mistakes", problems);
  await page.goto(`${server.url}/admin`);
  await page.reload();
  await lookOver(page, "the overview, with the steps", problems);
  assertFine(problems);
});
