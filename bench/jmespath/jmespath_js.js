// jmespath.js as a contender: node jmespath_js.js where|query EXPRESSION FILE
"use strict";

const fs = require("fs");
const jmespath = require("/usr/share/nodejs/jmespath"); // of Debian's package node-jmespath

const [mode, text, path] = process.argv.slice(2);
const lines = fs.readFileSync(path, "utf8").split("\n");
lines.pop();
const out = [];
for (const line of lines) {
  // The public interface takes the text each time; there is none for a compiled expression.
  const result = jmespath.search(JSON.parse(line), text);
  if (mode === "query") out.push(JSON.stringify(result));
  else if (result) out.push(line);
}
process.stdout.write(out.length ? out.join("\n") + "\n" : "");
