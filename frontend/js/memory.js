/** What the browser remembers of the page's look. A browser without storage just doesn't remember. */

/** @param {string} name @returns {string | undefined} */
export function recall(name) {
  try {
    return localStorage.getItem(`perturber.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} name @param {string} value */
export function remember(name, value) {
  try {
    localStorage.setItem(`perturber.${name}`, value);
  } catch {
    // Private windows may refuse storage; nothing else depends on it.
  }
}
