// Light, dark, or as the system says. Loaded in the head, before anything is shown, so that no page flashes.
(() => {
  "use strict";
  const KEY = "dualtrack-theme";
  const LABELS = { system: "System", light: "Light", dark: "Dark" };
  const NAMES = Object.keys(LABELS);

  // A browser may forbid storage; then the choice lasts as long as the page.
  function remembered() {
    try {
      const name = localStorage.getItem(KEY);
      return NAMES.includes(name) ? name : "system";
    } catch {
      return "system";
    }
  }

  function choose(name) {
    document.documentElement.dataset.theme = name;
    for (const button of document.querySelectorAll(".theme")) {
      button.textContent = LABELS[name];
      button.ariaLabel = `Colours: ${LABELS[name]}`;
      button.hidden = false;
    }
  }

  choose(remembered());
  document.addEventListener("DOMContentLoaded", () => choose(document.documentElement.dataset.theme));
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".theme")) return;
    const next = NAMES[(NAMES.indexOf(document.documentElement.dataset.theme) + 1) % NAMES.length];
    choose(next);
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // Not remembered, as said above.
    }
  });
})();
