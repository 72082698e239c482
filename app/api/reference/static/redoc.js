// ReDoc over our own document. The page is drawn again when the system changes between dark and light mode.
"use strict";

const place = document.getElementById("reference");
const dark = window.matchMedia("(prefers-color-scheme: dark)");

const themes = {
  light: { text: "#1c2330", quiet: "#5b6472", link: "#0b57a4", page: "#ffffff", side: "#f6f8fb", line: "#dfe4ea" },
  dark: { text: "#e4e6e6", quiet: "#a6adb3", link: "#7db8f5", page: "#1c2022", side: "#23282b", line: "#3d4447" },
};

function theme(colours) {
  return {
    colors: {
      primary: { main: colours.link },
      text: { primary: colours.text, secondary: colours.quiet },
      border: { dark: colours.line, light: colours.line },
      gray: { 50: colours.side, 100: colours.side },
    },
    schema: { nestedBackground: colours.side, linesColor: colours.line, typeNameColor: colours.quiet, typeTitleColor: colours.quiet },
    sidebar: { backgroundColor: colours.side, textColor: colours.text },
    rightPanel: { backgroundColor: "#1f2c3d" },
    typography: {
      fontFamily: "system-ui, sans-serif",
      headings: { fontFamily: "system-ui, sans-serif" },
      links: { color: colours.link, visited: colours.link, hover: colours.link },
      code: { backgroundColor: colours.side, color: colours.text },
    },
  };
}

function draw() {
  const colours = dark.matches ? themes.dark : themes.light;
  document.documentElement.style.background = colours.page;
  Redoc.init(place.dataset.document, { theme: theme(colours), hideDownloadButton: false, nativeScrollbars: true }, place);
}

dark.addEventListener("change", draw);
draw();
