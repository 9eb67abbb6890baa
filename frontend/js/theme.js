/** Dark or light: the system's setting, until the user chooses; the choice is remembered. */

import { recall, remember } from "./memory.js";

const systemLight = matchMedia("(prefers-color-scheme: light)");

/** @type {Set<() => void>} */
const listeners = new Set();

/** @returns {"dark" | "light"} */
export function currentTheme() {
  return document.documentElement.dataset.theme === "light" ? "light" : "dark";
}

/** Calls `listener` whenever the theme has changed. @param {() => void} listener */
export function onThemeChange(listener) {
  listeners.add(listener);
}

/** @param {HTMLButtonElement} button the switch */
export function bindTheme(button) {
  const apply = () => {
    const theme = recall("theme") ?? (systemLight.matches ? "light" : "dark");
    const changed = document.documentElement.dataset.theme !== theme;
    document.documentElement.dataset.theme = theme;
    button.setAttribute("aria-pressed", String(theme === "light"));
    if (changed) for (const listener of listeners) listener();
  };
  button.addEventListener("click", () => {
    remember("theme", currentTheme() === "light" ? "dark" : "light");
    apply();
  });
  systemLight.addEventListener("change", apply);
  apply();
}
