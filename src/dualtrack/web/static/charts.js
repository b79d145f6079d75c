// Draws every chart from the Vega-Lite document beside it; the interpreter spares the page eval.
import { whenShown } from "./shown.js";

// The report's charts write text and lines in this colour; it stands for the page's text colour (PAGE_INK of
// report/theme.py), so a drawn chart follows the theme, and paper, without being drawn again.
const PAGE_INK = /#010203/g;
// Between these a chart follows its column; below, its text would be too small to read, so it scrolls sideways.
const SMALLEST_SCALE = 0.7;
const LARGEST_SCALE = 1.15;

// The last picture of each chart by its name: shown in a new fragment until the new picture is ready.
const pictures = new Map();
const waiting = new Set();
let drawing = false;

whenShown(".chart", (chart) => {
  const old = pictures.get(chart.dataset.chart);
  if (old && !old.isConnected) chart.replaceChildren(old);
  waiting.add(chart);
  drawWaiting();
});

// One after the other, those in view first, with a breath between so that sliders stay quick.
async function drawWaiting() {
  if (drawing) return;
  drawing = true;
  await breath();
  while (waiting.size) {
    const chart = [...waiting].find(inView) ?? waiting.values().next().value;
    waiting.delete(chart);
    // A newer answer may have taken its place.
    if (!chart.isConnected) continue;
    await draw(chart);
    await breath();
  }
  drawing = false;
}

function breath() {
  return new Promise((resolve) => setTimeout(resolve));
}

function inView(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < window.innerHeight;
}

async function draw(chart) {
  try {
    const source = chart.closest("figure").querySelector("script.spec").textContent;
    const picture = await pictureOf(JSON.parse(source.replace(PAGE_INK, "currentColor")));
    chart.replaceChildren(picture);
    pictures.set(chart.dataset.chart, picture);
  } catch (error) {
    chart.textContent = `This chart could not be drawn: ${error.message}`;
    console.error(error);
  }
}

// The chart as an SVG element that scales to its column.
async function pictureOf(spec) {
  const container = document.createElement("div");
  const program = vega.parse(vegaLite.compile(spec).spec, null, { ast: true });
  const view = new vega.View(program, {
    expr: vegaInterpreter.expressionInterpreter,
    renderer: "svg",
    container,
    loader: { load: () => Promise.reject(new Error("a chart carries its data with it")) },
  });
  await view.runAsync();
  // Nothing in these pictures moves: listeners and timers can go.
  view.finalize();
  const svg = container.querySelector("svg");
  const width = Number(svg.getAttribute("width"));
  svg.style.minWidth = `${Math.round(width * SMALLEST_SCALE)}px`;
  svg.style.maxWidth = `${Math.round(width * LARGEST_SCALE)}px`;
  svg.removeAttribute("width");
  svg.removeAttribute("height");
  svg.setAttribute("aria-hidden", "true");
  return svg;
}
