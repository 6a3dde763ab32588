// Every form that links lead to is refused without its token, with the token of another session, and from another site.

import assert from "node:assert/strict";
import { test } from "node:test";
import { signIn } from "../support/admin.mjs";
import { newPage, startBrowser } from "../support/browser.mjs";
import { crawl, kindOf } from "../support/pages.mjs";
import { startDemo } from "../support/servers.mjs";

// One form of each kind that links lead to, with its fields except the token.
async function formsOf(page, url) {
  const forms = new Map();
  await crawl(page, url, {
    waitUntil: "domcontentloaded",
    look: async () => {
      const all = await page.locator("form[method=post]").evaluateAll((all) =>
        all.map((form) => ({ action: form.getAttribute("action"), fields: [...new FormData(form)].filter(([name]) => name !== "csrf") })));
      for (const form of all) forms.set(kindOf(form.action), form);
    },
  });
  return forms;
}

test("every form is refused without its token", async (t) => {
  const demo = await startDemo(t);
  const browser = await startBrowser(t);
  const page = await newPage(t, browser);
  await signIn(page, demo, demo);
  const forms = await formsOf(page, demo.url);
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
    }
  }
  // The sign-out was refused, too.
  assert.equal((await page.goto(`${demo.url}/admin`)).url(), `${demo.url}/admin`);
});

test("a form on another site's page is refused, signed in or not", async (t) => {
  const demo = await startDemo(t);
  const page = await newPage(t, await startBrowser(t));
  await signIn(page, demo, demo);
  for (const path of ["/admin/sign-in", "/admin/pixels/new"]) {
    await page.goto("data:text/html,<h1>Elsewhere</h1>");
    const answer = page.waitForResponse((response) => response.url() === demo.url + path);
    await page.evaluate((action) => {
      const form = Object.assign(document.createElement("form"), { method: "post", action });
      document.body.append(form);
      form.submit();
    }, demo.url + path);
    assert.equal((await answer).status(), 403);
    await page.getByText("Error 403").waitFor();
  }
});
