// Regions that scroll: a stop for the Tab key only where there is something to scroll, and the page's own name in view.
import { whenShown } from "./shown.js";

const sizes = new ResizeObserver((entries) => {
  for (const region of new Set(entries.map(({ target }) => target.closest(".wide")))) {
    if (region) region.tabIndex = region.scrollWidth > region.clientWidth ? 0 : -1;
  }
});

whenShown(".wide", (region) => {
  sizes.observe(region);
  for (const child of region.children) sizes.observe(child);
});

whenShown(".top [aria-current]", (link) => link.scrollIntoView({ block: "nearest", inline: "center" }));
