"""completion: the scripts are made of the commands and options that there are."""

import shutil
import subprocess
import unittest

from harness import CliTest, main


class Completion(CliTest):
    def script(self, shell):
        return self.write(f"completion.{shell}", self.ok("completion", shell, store=False).bytes)

    def complete(self, *words):
        quoted = " ".join(f"'{word}'" for word in words)
        program = (
            f"source {self.script('bash')}; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; "
            '_flashflood; printf "%s\\n" "${COMPREPLY[@]}"'
        )
        done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True,
                              cwd=self.folder)
        return done.stdout.split()

    @unittest.skipUnless(shutil.which("bash"), "no bash")
    def test_bash(self):
        self.assertEqual(self.complete("flashflood", "rep"), ["replay"])
        self.assertEqual(self.complete("flashflood", "--store", "x", "jou"), ["journal", "journals"])
        self.assertEqual(self.complete("flashflood", "replay", "--fr"), ["--from"])
        self.assertEqual(self.complete("flashflood", "replay", "--format", ""), ["data", "event"])
        self.assertEqual(self.complete("flashflood", "completion", "z"), ["zsh"])
        self.assertIn("--store", self.complete("flashflood", "get", "--"))
        self.write("events.ndjson", "")
        self.assertIn("events.ndjson", self.complete("flashflood", "record", "eve"))

    @unittest.skipUnless(shutil.which("zsh"), "no zsh")
    def test_zsh(self):
        subprocess.run(["zsh", "-n", self.script("zsh")], check=True)

    @unittest.skipUnless(shutil.which("fish"), "no fish")
    def test_fish(self):
        subprocess.run(["fish", "--no-execute", self.script("fish")], check=True)

    def test_every_shell_knows_every_command(self):
        for shell in ("bash", "zsh", "fish"):
            text = self.ok("completion", shell).out
            for word in ("record", "query", "journals", "skip-bad", "memory-limit"):
                self.assertIn(word, text)

    def test_unknown_shell(self):
        self.fails(2, '"tcsh" is none of bash, zsh, fish', "completion", "tcsh")


if __name__ == "__main__":
    main()
