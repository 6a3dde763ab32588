// The demo's article in an ad server's place. Once the impression is logged, its tag brings a token of it to the page,
// and the ad's link carries that token on: so the click is tied to the very impression that was clicked.

addEventListener("pixeld:imp", ({ detail: { tracker, token } }) => {
  const link = document.querySelector(`a[data-impression="${tracker}"]`);
  const tied = document.getElementById("tied");
  if (!link || !tied) return;
  const url = new URL(link.href);
  url.searchParams.set("imp", token);
  link.href = url;
  tied.querySelector("code").textContent = `imp=${token}`;
  tied.hidden = false;
});
