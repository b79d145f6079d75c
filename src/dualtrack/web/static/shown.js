// What the other scripts share: acting on elements as they are shown, and the status line.

// Calls `act` once with every element of a kind: those of the page, and those that htmx brings later.
export function whenShown(selector, act) {
  const seen = new WeakSet();
  const look = ({ target }) => {
    for (const element of [target, ...target.querySelectorAll(selector)]) {
      if (!element.matches(selector) || seen.has(element)) continue;
      seen.add(element);
      act(element);
    }
  };
  // The page itself is only loaded; what is swapped in is met before it is painted.
  document.addEventListener("htmx:load", look);
  document.addEventListener("htmx:afterSwap", look);
}

// Writes the status line, which screen readers speak.
export function say(text) {
  document.getElementById("status").textContent = text;
}
