/** Collapsible groups of controls. They remember whether they are open and count what is changed. */

import { element, icon, setText } from "./dom.js";
import { recall, remember } from "./memory.js";

/** What the mouse does better starts closed; on a narrow page everything but the morph does. */
function opensAtFirst(name) {
  return matchMedia("(max-width: 759.98px)").matches ? name === "Morph" : name !== "Camera";
}

/**
 * @param {import("./controls.js").Controls} controls
 * @param {string} name the group of the table
 * @param {string[]} keys its parameters, in order
 * @param {Record<string, Parameters<import("./controls.js").Controls["make"]>[1]>} [makers] of keys that need their own
 * @returns {{node: HTMLElement, body: HTMLElement, rename: (title: string) => void}}
 */
export function makeGroup(controls, name, keys, makers = {}) {
  const id = `group-${name.replaceAll(/\W+/g, "-").toLowerCase()}`;
  const lines = keys.map((key) => controls.make(key, makers[key]));
  const body = element("div", { id, class: "group-body" }, ...lines);
  const title = element("span", {}, name);
  const count = element("span", { class: "group-count" });
  const toggle = element(
    "button",
    { type: "button", class: "group-toggle", "aria-controls": id },
    icon("chevron"),
    title,
    count,
  );
  const reset = element("button", { type: "button", class: "icon-button group-reset" }, icon("reset"));
  const header = element("h3", { class: "group-header" }, toggle, reset);

  const setOpen = (/** @type {boolean} */ open) => {
    toggle.setAttribute("aria-expanded", String(open));
    body.hidden = !open;
  };
  const isOpen = () => !body.hidden;
  const resetAll = () => controls.store.reset(keys);
  setOpen((recall(`open.${name}`) ?? String(opensAtFirst(name))) === "true");
  toggle.addEventListener("click", () => {
    setOpen(!isOpen());
    remember(`open.${name}`, String(isOpen()));
  });
  header.addEventListener("dblclick", resetAll);
  reset.addEventListener("click", resetAll);

  const mark = () => {
    const changed = keys.filter((key) => !controls.store.isDefault(key)).length;
    setText(count, changed ? `${changed} changed` : "");
    reset.hidden = changed === 0;
  };
  controls.store.subscribe((changed) => keys.some((key) => changed.has(key)) && mark());
  mark();
  const rename = (/** @type {string} */ text) => {
    setText(title, text);
    reset.setAttribute("aria-label", `Reset ${text}`);
    reset.title = `Reset ${text}`;
  };
  rename(name);
  return { node: element("section", { class: "group", "data-group": name }, header, body), body, rename };
}
