// Steps on the admin pages that many tests share. They go by addresses and ids, so that a page may change its words.

import assert from "node:assert/strict";

export const ADMIN = { member: "ProStarr Sportswear", user: "ada", password: "correct horse battery" };

// Sends the form of the page; `form` names one of several.
export const submit = (page, form = "main form") => page.locator(`${form} .foot button`).click();

// Chooses one of several explained choices by a click on its card, as people do.
export const choose = (page, name, value) => page.locator(`label[for="${name}-${value}"]`).click();

// Opens the part of a form or page that is shut at first.
export const openFold = (page, title) => page.locator("main details.fold > summary", { hasText: title }).click();

// The link to this address in the page's own part, or in the navigation.
export const link = (page, address) => page.locator(`main a[href="${address}"]`).first();
export const navigate = (page, address) => page.locator(`nav a[href="${address}"]`).and(page.locator(":visible")).first().click();

// The message about what the last form did.
export const flash = (page) => page.locator("main > .notice[role=status]");

// The page whose `h1` is the name of an object.
export const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });

export const onOverview = (page) => page.waitForURL((url) => url.pathname === "/admin");

// Deletes what this page is about, and answers the question; both forms lead to the same address.
export async function deleteIt(page) {
  await page.locator("main .head .pick > .bare").click();
  await page.locator('main form[action$="/delete"] button').click();
  await page.locator('dialog .danger, main form[action$="/delete"] .foot button').click();
  await flash(page).waitFor();
}

// Fills in the form of the first run.
export async function fillSetUp(page, server, admin = ADMIN) {
  await page.goto(`${server.url}/admin`);
  await page.locator("#code").fill(server.setupCode);
  await page.locator("#member_name").fill(admin.member);
  await page.locator("#username").fill(admin.user);
  await page.locator("#password").fill(admin.password);
}

// Sets the server up without its form, and ends signed in on the overview.
export async function setUp(page, server, admin = ADMIN) {
  const form = { code: server.setupCode, member_name: admin.member, username: admin.user, password: admin.password };
  const answer = await page.request.post(`${server.url}/admin/setup`, { form, maxRedirects: 0 });
  assert.equal(answer.status(), 303);
  await page.goto(`${server.url}/admin`);
}

// Signs in on the sign-in page.
export async function signIn(page, server, { user, password } = ADMIN) {
  await page.goto(`${server.url}/admin/sign-in`);
  await fillSignIn(page, { user, password });
}

// Signs out by the account menu.
export async function signOut(page) {
  await page.locator(".who > summary").click();
  await page.locator('.who form[action="/admin/sign-out"] button').click();
}

export async function fillSignIn(page, { user, password } = ADMIN) {
  await page.locator("#user").fill(user);
  await page.locator("#password").fill(password);
  await submit(page);
}

// Signs in to the API. Returns a function that creates an object and resolves with it.
export async function startApi(server, { user, password } = ADMIN) {
  const ask = async (path, body, headers = {}) => {
    const answer = await fetch(server.url + path, { method: "POST", headers, body: JSON.stringify(body) });
    const { response } = await answer.json();
    assert.equal(response.status, "OK", `${path}: ${response.error}`);
    return response;
  };
  const { token } = await ask("/auth", { auth: { username: user, password } });
  return async (service, object, query = "") => {
    const response = await ask(`/${service}?${query}`, { [service]: object }, { Authorization: token });
    return response[service];
  };
}

// A new pixel as the form proposes it.
const PROPOSED = {
  trigger_type: "hybrid", post_click_expire_mins: 14 * 1_440, post_view_expire_mins: 1_440, min_minutes_per_conv: 0,
  count_each_order_once: true,
};

// Makes advertiser 1 and its pixel 1 by the API, and ends on the pixel's page. Resolves with the function of `startApi`.
export async function makePixel(page, server, name = "Purchase") {
  const create = await startApi(server);
  const { id } = await create("advertiser", { name: "ProStarr Sportswear" });
  const pixel = await create("pixel", { name, ...PROPOSED }, `advertiser_id=${id}`);
  await page.goto(`${server.url}/admin/pixels/${pixel.id}`);
  return create;
}
