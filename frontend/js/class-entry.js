/**
 * A class of a network: typed, or found in the list that opens under the field.
 *
 * @typedef {import("./store.js").Store} Store
 */

import { element, setText } from "./dom.js";

/** The lists that have come, by variant. @type {Map<string, Promise<string[]>>} */
const lists = new Map();

/** @param {string} variant @returns {Promise<string[]>} its classes' names */
function classesOf(variant) {
  const known = lists.get(variant) ?? fetchClasses(variant);
  lists.set(variant, known);
  return known;
}

async function fetchClasses(variant) {
  const answer = await fetch(`api/classes/${encodeURIComponent(variant)}`);
  if (answer.ok) return (await answer.json()).map((row) => row.class);
  lists.delete(variant); // the next look asks again
  return [];
}

/**
 * A maker for `Controls.make`.
 * @param {(store: Store) => string} variantOf which network's classes are offered
 * @param {string} nothing what the field says when it is empty
 * @returns {(store: Store, row: import("./protocol.js").Parameter) => import("./slider.js").Control}
 */
export function classMaker(variantOf, nothing) {
  return (store, row) => {
    const label = element("label", { for: row.key }, row.label);
    const list = element("datalist", { id: `${row.key}.list` });
    const input = element("input", {
      type: "text",
      id: row.key,
      list: list.id,
      placeholder: nothing,
      spellcheck: "false",
      autocomplete: "off",
      maxlength: 200,
      "aria-describedby": `${row.key}.help`,
    });
    let filled = "";
    const fill = async () => {
      const variant = variantOf(store);
      if (filled === variant) return;
      filled = variant;
      const names = await classesOf(variant);
      if (variant === filled) list.replaceChildren(...names.map((value) => element("option", { value })));
      if (!names.length) filled = "";
    };
    const take = () => store.set({ [row.key]: input.value.trim() });
    input.addEventListener("focus", fill);
    input.addEventListener("change", take);
    input.addEventListener("keydown", (event) => event.key === "Enter" && take());
    return {
      node: element("div", { class: "control control-choice" }, label, input, list),
      update: () => {
        if (document.activeElement !== input || input.value.trim() !== store.get(row.key))
          input.value = store.get(row.key);
        input.title = store.get(row.key);
      },
      rename: (text) => setText(label, text),
    };
  };
}
