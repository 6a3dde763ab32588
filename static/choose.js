// choose.js: a select of more than a hundred options becomes a field that searches them as one types. The select stays in
// the form and keeps the choice, so everything works without it.

const MANY = 100;
const MOST = 50;
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const make = (tag, values) => Object.assign(document.createElement(tag), values);
const groupOf = (option) => (option.parentElement.matches("optgroup") ? option.parentElement.label : "");
const wordsOf = (option) => [option.text, groupOf(option)].filter(Boolean).join(" · ");

function enhance(select, number) {
  const id = select.id || `choose-${number}`;
  const box = make("div", { className: "find-pop", id: `${id}-options`, role: "listbox", hidden: true });
  const input = make("input", { className: "input", type: "text", autocomplete: "off", role: "combobox" });
  const label = select.ariaLabel || document.querySelector(`label[for="${CSS.escape(id)}"]`)?.textContent.trim() || "Choose";
  box.ariaLabel = label;
  for (const [name, value] of [["aria-expanded", "false"], ["aria-controls", box.id], ["aria-autocomplete", "list"]]) input.setAttribute(name, value);
  for (const name of ["aria-label", "aria-describedby", "aria-invalid"]) if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  input.placeholder = `Search ${select.options.length.toLocaleString("en-GB")}`;
  // The label and links to errors lead to the field.
  select.id = `${id}-select`;
  input.id = id;
  const around = make("span", { className: "choose" });
  select.before(around);
  around.append(input, box);
  select.hidden = true;
  const known = [...select.options].filter((option) => !option.disabled).map((option) => ({ option, words: wordsOf(option), text: fold(`${wordsOf(option)} ${option.value}`) }));
  const notes = [...select.options].filter((option) => option.disabled).map((option) => option.text);
  let shown = [];
  let at = -1;

  const show = () => { input.value = select.value ? wordsOf(select.selectedOptions[0]) : ""; if (!select.value) input.placeholder = select.selectedOptions[0]?.text ?? input.placeholder; };
  function mark(to) {
    at = to;
    for (const [place, row] of [...box.querySelectorAll("[role=option]")].entries()) {
      row.setAttribute("aria-selected", String(place === at));
      if (place === at) { row.scrollIntoView({ block: "nearest" }); input.setAttribute("aria-activedescendant", row.id); }
    }
    if (at < 0) input.removeAttribute("aria-activedescendant");
  }
  function open(text) {
    const words = fold(text).split(/\s+/).filter(Boolean);
    const found = known.filter(({ text }) => words.every((word) => text.includes(word)));
    shown = found.slice(0, MOST);
    const rows = shown.map(({ option, words }, place) => {
      const row = make("div", { id: `${id}-${place}`, role: "option", ariaSelected: "false", textContent: words });
      row.addEventListener("click", () => take(option));
      return row;
    });
    const count = found.length > MOST ? `${MOST} of ${found.length.toLocaleString("en-GB")}. Type to see fewer.` : found.length ? "" : "Nothing matches.";
    const note = [count, ...notes].filter(Boolean).map((textContent) => make("p", { className: "nav-group", textContent }));
    box.replaceChildren(...rows, ...note);
    box.hidden = false;
    input.ariaExpanded = "true";
    mark(words.length && shown.length ? 0 : -1);
  }
  // A field that is emptied and left means the option without a value, if there is one.
  function leave() {
    const none = input.value.trim() === "" && known.find(({ option }) => option.value === "");
    if (none) take(none.option);
    else close();
  }
  function close() {
    box.hidden = true;
    input.ariaExpanded = "false";
    mark(-1);
    show();
  }
  function take(option) {
    const changes = select.value !== option.value;
    select.value = option.value;
    close();
    if (changes) select.dispatchEvent(new Event("change", { bubbles: true }));
  }
  input.addEventListener("input", (event) => { event.stopPropagation(); open(input.value); });
  input.addEventListener("change", (event) => event.stopPropagation());
  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", () => open(""));
  input.addEventListener("blur", leave);
  box.addEventListener("mousedown", (event) => event.preventDefault());
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (box.hidden) open("");
      else mark(Math.max(-1, Math.min(shown.length - 1, at + (event.key === "ArrowDown" ? 1 : -1))));
    } else if (event.key === "Enter" && !box.hidden) {
      event.preventDefault();
      if (at >= 0) take(shown[at].option);
      else close();
    } else if (event.key === "Escape" && !box.hidden) {
      event.stopPropagation();
      close();
    }
  });
  show();
}

/** Also for parts of a page that a script has put there. */
export function enhanceSelects(root = document) {
  const filtered = new Set([...root.querySelectorAll("[data-filters]")].map((input) => input.dataset.filters));
  let number = 0;
  for (const select of root.querySelectorAll("select:not([multiple], [hidden])")) {
    number += 1;
    if (select.options.length > MANY && !filtered.has(select.id)) enhance(select, number);
  }
}
