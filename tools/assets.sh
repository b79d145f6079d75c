#!/usr/bin/env bash
# Fetches the browser libraries of the explorer in the versions below and writes src/dualtrack/web/vendor anew:
# the minified files, the licence of each, and assets.json with their checksums. Run by hand when a version is
# to change; the package itself needs neither node nor a network. Needs node 20 or newer and npm.
set -euo pipefail

VEGA=6.4.0
VEGA_LITE=6.4.1
VEGA_INTERPRETER=2.3.2
VEGA_UTIL=2.1.3
HTMX=2.0.6
ESBUILD=0.28.2

vendor="$(cd "$(dirname "$0")/.." && pwd)/src/dualtrack/web/vendor"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init --yes >/dev/null
npm install --no-audit --no-fund --silent --save-exact "vega@$VEGA" "vega-lite@$VEGA_LITE" \
  "vega-interpreter@$VEGA_INTERPRETER" "vega-util@$VEGA_UTIL" "htmx.org@$HTMX" "esbuild@$ESBUILD"

rm -rf "$vendor"
mkdir -p "$vendor"
# The maps these comments point to are not shipped; a browser's tools would ask for them in vain.
for file in vega/build/vega.min.js vega-lite/build/vega-lite.min.js htmx.org/dist/htmx.min.js; do
  sed '/^\/\/# sourceMappingURL=/d' "node_modules/$file" >"$vendor/$(basename "$file")"
done
# The interpreter is published as a module with one import; a page wants one plain script.
npx esbuild node_modules/vega-interpreter/build/vega-interpreter.js --bundle --minify --format=iife \
  --global-name=vegaInterpreter --log-level=warning --outfile="$vendor/vega-interpreter.min.js"

VENDOR="$vendor" node <<'JS'
const fs = require("fs");
const path = require("path");
const crypto = require("crypto");
const vendor = process.env.VENDOR;

// Asked for by the libraries' own commands or types only, so not in the files for browsers.
const notBundled = new Set(["@types/estree", "commander", "iconv-lite", "rw", "yargs", "vega-typings"]);

function load(name, from) {
  const nested = path.join(from, "node_modules", name);
  const folder = fs.existsSync(nested) ? nested : path.join("node_modules", name);
  const about = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  const file = fs.readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = fs.readFileSync(path.join(folder, file), "utf8").trim();
  return { name, folder, about, text };
}

function bundled(top) {
  const found = new Map();
  const visit = (part) => {
    for (const name of Object.keys(part.about.dependencies ?? {})) {
      if (notBundled.has(name) || found.has(name)) continue;
      found.set(name, load(name, part.folder));
      visit(found.get(name));
    }
  };
  visit(top);
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

const assets = ["htmx.org", "vega", "vega-interpreter", "vega-lite"].map((name) => {
  const top = load(name, ".");
  const parts = bundled(top);
  const stem = name.replace(".org", "");
  const file = `${stem}.min.js`;
  const byText = new Map();
  for (const part of parts) {
    // Which version of it went into the file is the publisher's knowledge, not ours.
    const heading = `${part.name} (${part.about.license})`;
    byText.set(part.text, [...(byText.get(part.text) ?? []), heading]);
  }
  const texts = [...byText].map(([text, headings]) => `${headings.join("\n")}\n\n${text}`);
  const licenceFile = `${stem}.LICENSE.txt`;
  const heading = `${name} ${top.about.version} (${top.about.license})\n\n${top.text}`;
  const rule = `\n\n${"-".repeat(80)}\n`;
  const inside = texts.length ? `${rule}Bundled in ${file}:\n${texts.map((text) => `\n${text}`).join(rule)}` : "";
  fs.writeFileSync(path.join(vendor, licenceFile), `${heading}${inside}\n`.replace(/\r/g, ""));
  const others = new Set(parts.map((part) => part.about.license).filter((kind) => kind !== top.about.license));
  return {
    file,
    package: name,
    version: top.about.version,
    licence: [top.about.license, ...[...others].sort()].join(" AND "),
    licence_file: licenceFile,
    sha256: crypto.createHash("sha256").update(fs.readFileSync(path.join(vendor, file))).digest("hex"),
  };
});
fs.writeFileSync(path.join(vendor, "assets.json"), `${JSON.stringify(assets, null, 2)}\n`);
JS

if grep -rl "registry\." "$vendor"; then
  echo "The files above name a registry; take its address out before they are committed." >&2
  exit 1
fi
ls -l "$vendor"
