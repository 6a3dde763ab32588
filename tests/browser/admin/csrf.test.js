// Nothing is done in a user's name that the user did not do: every form there is, found by following links, is refused
// without its token, and with that of another session.

import assert from "node:assert/strict";
import { test } from "node:test";
import { crawl, kindOf } from "../support/pages.mjs";
import { newPage, signIn, startBrowser, startDemo } from "../support/harness.mjs";

test("every form is refused without its token", async (t) => {
  const demo = await startDemo(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser);
  await signIn(page, demo, demo);
  const forms = new Map();
  await crawl(page, demo.url, {
    waitUntil: "domcontentloaded",
    look: async () => {
      const found = await page.locator("form[method=post]").evaluateAll((all) =>
        all.map((form) => ({ action: form.getAttribute("action"), fields: [...new FormData(form)].filter(([name]) => name !== "csrf") })));
      for (const form of found) forms.set(kindOf(form.action), form);
    },
  });
  assert.ok(forms.size >= 20, [...forms.keys()].join(" "));
  assert.ok(forms.has("/admin/sign-out"));

  const stranger = await newPage(t, browser);
  await signIn(stranger, demo, demo);
  const token = await stranger.locator("input[name=csrf]").first().inputValue();
  for (const { action, fields } of forms.values()) {
    for (const csrf of [[], [["csrf", ""]], [["csrf", token]]]) {
      const form = new URLSearchParams([...fields, ...csrf, ["confirmed", "yes"]]);
      const answer = await page.request.post(demo.url + action, {
        data: form.toString(), headers: { "content-type": "application/x-www-form-urlencoded" }, maxRedirects: 0,
      });
      assert.equal(answer.status(), 403, `${action} with ${csrf}`);
      assert.match(await answer.text(), /This form is too old/, action);
    }
  }
  await page.goto(`${demo.url}/admin`);
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();

  // A form on another site's page is refused, signed in or not: the browser says by itself where it was.
  for (const path of ["/admin/sign-in", "/admin/pixels/new"]) {
    await page.goto("data:text/html,<h1>Elsewhere</h1>");
    const refused = page.waitForResponse((response) => response.url() === demo.url + path);
    await page.evaluate((action) => {
      const form = Object.assign(document.createElement("form"), { method: "post", action });
      document.body.append(form);
      form.submit();
    }, demo.url + path);
    assert.equal((await refused).status(), 403);
    await page.getByText("Nothing was changed.").waitFor();
  }
});
