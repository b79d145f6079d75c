#!/usr/bin/env bash
# Sees to it that the browser tests have a Chromium: installs Debian's where it may, else says what is left out.
set -uo pipefail

found() { [ -n "${CHROMIUM:-}" ] || command -v chromium chromium-browser google-chrome > /dev/null; }

if found; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    echo "Installing Debian's chromium for the browser tests ..."
    (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-liberation) > /dev/null 2>&1
fi
found || echo "NO CHROMIUM: the browser tests of the explorer (tests/web/test_browser*.py) are left out. Install the package chromium, or name one in CHROMIUM, and run make test again."
