// What the other scripts share: acting on elements as they are shown, and the status line.

// Calls `act` with every element of a kind: those of the page, and those that htmx brings later.
export function whenShown(selector, act) {
  document.addEventListener("htmx:load", (event) => {
    const part = event.detail.elt;
    if (part.matches(selector)) act(part);
    for (const element of part.querySelectorAll(selector)) act(element);
  });
}

// Writes the status line, which screen readers speak.
export function say(text) {
  document.getElementById("status").textContent = text;
}
