#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
"""The completion scripts, asked by the shells themselves.

test_completion.py BTFGEN ODD_COMPLETION

What is expected comes from --help, from --list-features, from what the program takes and from the
files of a folder, not from the tables that the scripts are made of.

bash: its function is called with the words as Readline splits them, with bash-completion and
without, and some lines are typed at a terminal. zsh: typed at a terminal; what the completion system
is about to offer is written to a file. fish: `complete -C`. A shell that is not there is skipped,
with CI=true that is a failure.
"""

import json
import os
import pathlib
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

BTFGEN = ODD = ""
BASH_COMPLETION = "/usr/share/bash-completion/bash_completion"
TIMEOUT = 60


def output(*args):
    return subprocess.run([BTFGEN, *args], check=True, capture_output=True, text=True).stdout


def clean_environment(folder):
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "xterm", "LC_ALL": "C.UTF-8",
            "XDG_CONFIG_HOME": f"{folder}/../none", "XDG_DATA_HOME": f"{folder}/../none"}


class Terminal:
    """A program at a terminal."""

    def __init__(self, command, folder, environment):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        self.shown = ""

    def type(self, text):
        os.write(self.fd, text.encode())

    def wait_for(self, done):
        """Reads until done() tells so."""
        end = time.monotonic() + TIMEOUT
        while not done():
            if time.monotonic() > end:
                raise AssertionError(f"nothing comes any more: {self.shown!r}")
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    self.shown += os.read(self.fd, 65536).decode(errors="replace")
                except OSError as error:
                    raise AssertionError(f"the shell has ended: {self.shown!r}") from error

    def close(self):
        os.close(self.fd)
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(self.pid, 0)


def readline_words(line, breaks=" \t\n\"'><=;|&(:"):
    """COMP_WORDS of a line with the cursor at its end."""
    words, word, quote, i = [], "", "", 0
    pending = False
    while i < len(line):
        c = line[i]
        if c == "\\" and quote != "'" and i + 1 < len(line):
            word, pending, i = word + line[i:i + 2], True, i + 2
            continue
        if quote:
            word, quote = word + c, "" if c == quote else quote
        elif c in "'\"":
            word, quote, pending = word + c, c, True
        elif c in " \t":
            if pending:
                words.append(word)
            word, pending = "", False
        elif c in "=:" and c in breaks:
            if pending:
                words.append(word)
            end = i
            while end < len(line) and line[end] in "=:":
                end += 1
            words.append(line[i:end])
            word, pending, i = "", False, end
            continue
        else:
            word, pending = word + c, True
        i += 1
    at_break = words and words[-1] in ("=", ":") and line.endswith(words[-1])
    if pending or not at_break:
        words.append(word)
    return words


class Bash:
    """COMPREPLY as it is, and the options given to compopt."""

    DRIVER = r"""
[ -z "$1" ] || . "$1"
. "$2"
[ "$(complete -p btfgen)" = 'complete -F _btfgen btfgen' ] || exit 3
compopt() { compopts+=("$@"); }
[ -z "$3" ] || COMP_WORDBREAKS=$3
while IFS= read -r -d '' COMP_LINE; do
	COMP_WORDS=()
	while IFS= read -r -d '' word && [ "$word" != '
' ]; do
		COMP_WORDS+=("$word")
	done
	COMP_POINT=${#COMP_LINE} COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) compopts=()
	_btfgen btfgen "${COMP_WORDS[COMP_CWORD]}" ''
	printf '%s\0' "${COMPREPLY[@]}" $'\n' "${compopts[@]}" $'\n\n'
done
"""

    def __init__(self, script, folder, with_bash_completion=False, breaks=None):
        self.breaks = breaks
        self.command = ["bash", "--norc", "--noprofile", "-c", self.DRIVER, "bash",
                        BASH_COMPLETION if with_bash_completion else "", str(script), breaks or ""]
        self.folder = folder

    def ask(self, lines):
        """[(replies, compopts)]"""
        fed = b""
        for line in lines:
            words = readline_words(line, self.breaks) if self.breaks else readline_words(line)
            fed += b"".join(part.encode() + b"\0" for part in [line, *words, "\n"])
        done = subprocess.run(self.command, input=fed, capture_output=True, check=False, cwd=self.folder, timeout=TIMEOUT,
                              env=clean_environment(self.folder))
        if done.returncode not in (0, 1) or done.stderr:
            raise AssertionError(f"bash: {done.returncode} {done.stderr.decode()}")
        answers = []
        for answer in done.stdout.decode().split("\n\n\0")[:-1]:
            replies, options = answer.split("\n\0")
            answers.append(([reply for reply in replies.split("\0") if reply], options.rstrip("\0").split("\0")))
        if len(answers) != len(lines):
            raise AssertionError(f"bash: {len(answers)} answers to {len(lines)} lines")
        return answers

    def offers(self, lines):
        """[set of words] as the shell would read them; options with their '='."""
        return [{shlex.split(reply)[0] if shlex.split(reply) else "" for reply in replies}
                for replies, _ in self.ask(lines)]


class Zsh:
    """What reaches compadd, the builtin that takes the matches."""

    SETUP = r"""
PS1='ready> ' PS2=''
autoload -Uz compinit
compinit -D -u
unsetopt list_beep auto_menu auto_list beep bracketed_paste 2>/dev/null
zle_bracketed_paste=()
zstyle ':completion:*' completer _complete
zstyle ':completion:*' accept-exact-dirs false
%s
compadd() {
	local -a found arguments
	arguments=("${@[1,(i)--]}")
	if [[ -n ${arguments[(r)-[OAD]*]} ]]; then
		builtin compadd "$@"
		return
	fi
	builtin compadd -A found "$@"
	local hit
	for hit in "${found[@]}"; do
		print -rN -- "$IPREFIX$hit" >>"$OUT"
	done
	builtin compadd "$@"
}
capture() {
	zle complete-word
	print -rN -- $'\n'"$BUFFER" >>"$OUT"
	BUFFER=''
}
zle -N capture
bindkey '^I' capture
"""

    def __init__(self, load, folder):
        self.out = pathlib.Path(folder) / ".zsh-offers"
        self.out.write_bytes(b"")
        (pathlib.Path(folder) / ".zshrc").write_text(self.SETUP % load, encoding="utf-8")
        environment = clean_environment(folder) | {"ZDOTDIR": str(folder), "OUT": str(self.out), "TERM": "dumb"}
        self.terminal = Terminal(["zsh", "-d", "-i"], folder, environment)
        self.terminal.wait_for(lambda: "ready> " in self.terminal.shown)

    def ask(self, line):
        """(set of matches, the line afterwards)"""
        self.out.write_bytes(b"")
        self.terminal.type(line + "\t")
        self.terminal.wait_for(lambda: re.search(rb"\n[^\0]*\0\Z", self.out.read_bytes()))
        *matches, buffer = self.out.read_bytes().decode().rstrip("\0").split("\0")
        # compadd quotes them for the line.
        return {"".join(shlex.split(match)) for match in matches}, buffer[1:]

    def offers(self, lines):
        return [self.ask(line)[0] for line in lines]

    def close(self):
        self.terminal.close()


class Fish:
    DRIVER = r"""
source $argv[1]
while read -z line
    complete -C"$line"
    printf '\0\n'
end
"""

    def __init__(self, script, folder):
        self.script, self.folder = script, folder

    def offers(self, lines):
        done = subprocess.run(["fish", "--no-config", "-c", self.DRIVER, "--", str(self.script)],
                              input=b"".join(line.encode() + b"\0" for line in lines), capture_output=True,
                              check=False, cwd=self.folder, env=clean_environment(self.folder), timeout=TIMEOUT)
        if done.stderr:
            raise AssertionError(f"fish: {done.returncode} {done.stderr.decode()}")
        answers = done.stdout.decode().split("\0\n")[:-1]
        if len(answers) != len(lines):
            raise AssertionError(f"fish: {len(answers)} answers to {len(lines)} lines: {done.stdout}")
        return [{line.split("\t")[0] for line in answer.splitlines()} for answer in answers]


def verbs():
    listed = output("--help").split("\nverbs:\n", 1)[1].split("\n\n", 1)[0]
    return re.findall(r"^  (\S+) ", listed, re.MULTILINE)


def help_options(verb):
    """{'--name': (letter or None, negatable, '' | 'must' | 'may' have a value)}"""
    found = {}
    for letter, no, name, value in re.findall(r"^ {2,6}(?:-(\w), )?--(\[no-\])?([a-z-]+)(\[?=\S+)?", output(verb, "--help"),
                                              re.MULTILINE):
        found[f"--{name}"] = (letter or None, bool(no), "may" if value.startswith("[") else "must" if value else "")
    return found


def wanted_options(verb):
    wanted = set()
    for name, (letter, negatable, _) in help_options(verb).items():
        wanted |= {name} | ({f"-{letter}"} if letter else set()) | ({name.replace("--", "--no-")} if negatable else set())
    return wanted


def need(shell):
    if shutil.which(shell):
        return lambda test: test
    if os.environ.get("CI") == "true":
        raise AssertionError(f"{shell} is not installed")
    return unittest.skip(f"no {shell}")


class Files:
    NAMES = ("plain", "two words", "it's", "dollar$HOME", "par(en)s", "star*")

    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)
        self.work = self.folder / "work"
        self.work.mkdir()
        for name in self.NAMES:
            (self.work / name).write_bytes(b"")
        (self.work / "a folder").mkdir()
        (self.work / "a folder" / "inner").write_bytes(b"")

    def script(self, program, shell):
        path = self.folder / f"{pathlib.Path(program).name}.{shell}"
        command = [program, shell] if program == ODD else [program, "completion", shell]
        path.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
        return path


class Common:
    """Tests of each shell; shell() gives an object with offers()."""

    maxDiff = None
    equals_sign = False  # offered with options that must have a value

    def setUp(self):
        self.files = Files()
        self.addCleanup(self.files.temporary.cleanup)

    def offers(self, *lines, program=None):
        return self.shell(program or BTFGEN).offers(lines)

    def test_options_of_each_verb_and_nothing_else(self):
        lines = [f"btfgen {verb} -" for verb in verbs()] + [f"btfgen {verb} --" for verb in verbs()] + ["btfgen -"]
        for line, offered in zip(lines, self.offers(*lines)):
            verb = line.split()[1] if line.count(" ") == 2 else "encode"
            wanted = wanted_options(verb)
            if line.endswith("--"):
                wanted = {option for option in wanted if option.startswith("--")}
            with self.subTest(line):
                self.assertEqual({option.rstrip("=") for option in offered}, wanted)
                if self.equals_sign:
                    for name, (_, _, value) in help_options(verb).items():
                        self.assertEqual((f"{name}=" in offered, name in offered), (value != "", value != "must"))

    def test_verbs(self):
        first, prefixed, after_help = self.offers("btfgen ", "btfgen exp", "btfgen --help ")
        self.assertLessEqual(set(verbs()), first)
        self.assertEqual({word for word in first if not (self.files.work / word.rstrip("/")).exists()}, set(verbs()))
        self.assertEqual({word for word in prefixed if word.startswith("exp")}, {"explain"})
        self.assertEqual(after_help, set(verbs()))

    def test_operands_that_are_words(self):
        for_help, completion, no_more = self.offers("btfgen help ", "btfgen completion ", "btfgen help dump ")
        self.assertEqual(for_help, set(verbs()))
        self.assertEqual(completion, {"bash", "zsh", "fish", "json"})
        self.assertEqual(no_more, set())

    def test_values(self):
        kinds = {"int", "ptr", "array", "struct", "union", "enum", "fwd", "typedef", "volatile", "const", "restrict",
                 "func", "func_proto", "var", "datasec", "float", "decl_tag", "type_tag", "enum64"}
        features = {line.split()[0] for line in output("--list-features").splitlines()} | {"default", "none"}
        formats = {"raw", "c", "c-unsorted", "json", "json-pretty"}
        cases = {
            "btfgen dump --kind ": kinds,
            "btfgen dump -k ": kinds,
            "btfgen dump -k fun": {"func", "func_proto"},
            "btfgen --features ": features,
            "btfgen -v --features decl_tag": {"decl_tag", "decl_tag_kfuncs"},
            "btfgen encode -q --features v": {"var"},
            "btfgen dump -F ": formats,
            "btfgen dump vmlinux --format js": {"json", "json-pretty"},
            "btfgen dump --id ": set(),
            "btfgen -j ": set(),
            "btfgen --jobs ": set(),
            "btfgen dump --nonsense": set(),
            "btfgen dump vmlinux ": set(),
            "btfgen dump -F c vmlinux ": set(),
            "btfgen dump --format=c vmlinux ": set(),
        }
        for line, offered in zip(cases, self.offers(*cases)):
            if "features " in line and "none" not in cases[line]:
                offered = {word for word in offered if word[0] not in "+-"}
            elif line.endswith("features "):
                offered = {word for word in offered if word[0] not in "+-"}
            with self.subTest(line):
                self.assertEqual(offered, cases[line])

    def value_part(self, offered):
        """Of a word with '=': zsh and fish give all of it."""
        return {word.split("=", 1)[-1] for word in offered}

    def test_values_behind_equals_signs(self):
        cases = {
            "btfgen --report=": {"text", "json"},
            "btfgen --report=j": {"json"},
            "btfgen dump --format=c": {"c", "c-unsorted"},
            "btfgen dump --format=": {"raw", "c", "c-unsorted", "json", "json-pretty"},
            "btfgen dump --kind=vol": {"volatile"},
            "btfgen dump --id=": set(),
        }
        for line, offered in zip(cases, self.offers(*cases)):
            with self.subTest(line):
                self.assertEqual(self.value_part(offered), cases[line])

    def test_lists(self):
        cases = {
            "btfgen dump -k struct,fw": {"struct,fwd"},
            "btfgen dump --kind=struct,fw": {"struct,fwd"},
            "btfgen dump --kind=struct,union,fw": {"struct,union,fwd"},
            "btfgen --features=+lay": {"+layout"},
            "btfgen --features=-flo": {"-float"},
            "btfgen --features +var,-lay": {"+var,-layout"},
            "btfgen --lang-exclude rust,s": {"rust,swift"},
        }
        for line, offered in zip(cases, self.offers(*cases)):
            with self.subTest(line):
                self.assertEqual(self.value_part(offered), cases[line])

    def test_choice_takes_no_next_word(self):
        after, = self.offers("btfgen --report dump")
        self.assertNotIn("text", after)

    def test_odd_words_are_safe(self):
        words = json.loads(subprocess.run([ODD, "json"], check=True, capture_output=True).stdout)["verbs"][0]
        odd = set(words["options"][0]["value"]["words"])
        self.assertEqual(len(odd), 23)
        lines = ["btfgen encode --word ", "btfgen encode -w ", "btfgen encode --list ", "btfgen encode --choice=",
                 "btfgen encode -", "btfgen encode ", "btfgen encode --unsaid ", "btfgen nothing "]
        offered = self.offers(*lines, program=ODD)
        self.assertEqual(offered[0], odd)
        self.assertEqual(offered[1], odd)
        self.assertEqual(offered[2], {"one", "two words", "it's", "$x", "last"})
        self.assertEqual(self.value_part(offered[3]), {"plain", "with space", "it's"})
        self.assertEqual({option.rstrip("=") for option in offered[4]},
                         {"--word", "--choice", "--list", "--unsaid", "--num", "--bool", "--no-bool", "-w", "-l", "-n", "-b"})
        self.assertEqual(offered[5], {"one", "two words", "it's", "$x", "last"})
        self.assertEqual(offered[6:], [set(), set()])
        self.assertEqual([path for path in self.files.folder.rglob("ran")], [])


@need("bash")
class BashTest(Common, unittest.TestCase):
    equals_sign = True

    def shell(self, program):
        return Bash(self.files.script(program, "bash"), self.files.work)

    def compopts(self, line, **kwargs):
        (replies, options), = Bash(self.files.script(BTFGEN, "bash"), self.files.work, **kwargs).ask([line])
        return replies, options

    def test_files_are_left_to_readline(self):
        for line in ("btfgen --base ", "btfgen --base=pl", "btfgen dump ", "btfgen dump -B x ", "btfgen -o ", "btfgen pl",
                     "btfgen dump -- ", "btfgen -- -"):
            self.assertEqual(self.compopts(line), ([], ["-o", "default"]), line)
        self.assertEqual(self.compopts("btfgen --output-dir="), ([], ["-o", "dirnames"]))
        self.assertEqual(self.compopts("btfgen dump vmlinux "), ([], [""]))

    def test_files_behind_what_readline_does_not_split(self):
        breaks = " \t\n\"'><;|&("
        self.assertEqual(self.compopts("btfgen -opl"), (["-oplain"], ["-o", "filenames"]))
        self.assertEqual(self.compopts("btfgen --base=tw", breaks=breaks), (["--base=two words"], ["-o", "filenames"]))
        self.assertEqual(self.compopts("btfgen --output-dir=", breaks=breaks),
                         (["--output-dir=a folder"], ["-o", "filenames"]))
        self.assertEqual(self.compopts("btfgen dump --format=js", breaks=breaks)[0],
                         ["--format=json", "--format=json-pretty"])

    def test_nothing_behind_options_that_need_a_value(self):
        self.assertEqual(self.compopts("btfgen dump --form"), (["--format="], ["-o", "nospace"]))
        self.assertEqual(self.compopts("btfgen dump --kind=struct,v"),
                         (["struct,volatile", "struct,var"], ["-o", "nospace"]))

    def test_attached_values(self):
        self.assertEqual(self.compopts("btfgen dump -Fc")[0], ["-Fc", "-Fc-unsorted"])
        self.assertEqual(self.compopts("btfgen dump -kstruct,fw")[0], ["-kstruct,fwd"])
        self.assertEqual(self.compopts("btfgen -qj")[0], [])

    def test_quotation_marks(self):
        script = self.files.script(ODD, "bash")
        answers = Bash(script, self.files.work).ask(["btfgen encode -w 'two", "btfgen encode -w two\\ w"])
        self.assertEqual([replies for replies, _ in answers], [["two words"], ["two\\ words"]])

    def test_no_element_twice(self):
        offered, = self.offers("btfgen dump -k func,")
        self.assertNotIn("func,func", offered)
        self.assertIn("func,func_proto", offered)

    @unittest.skipUnless(shutil.which("shellcheck"), "no shellcheck")
    def test_shellcheck_is_content(self):
        for program in (BTFGEN, ODD):
            done = subprocess.run(["shellcheck", "-S", "warning", "-s", "bash", self.files.script(program, "bash")], capture_output=True,
                                  text=True, check=False)
            self.assertEqual(done.stdout, "")

    def typed(self, line, tabs="\t"):
        """What is on the line after tabs, as the shell would run it: a list of words."""
        environment = clean_environment(self.files.folder) | {"PS1": "ready> ", "TERM": "dumb", "INPUTRC": "/dev/null"}
        terminal = Terminal(["bash", "--norc", "--noprofile", "-i"], self.files.work, environment)
        try:
            out = self.files.folder / "typed"
            terminal.wait_for(lambda: "ready> " in terminal.shown)
            terminal.type("bind 'set bell-style none'; bind 'set completion-query-items 0'; bind 'set page-completions off'; "
                          f"btfgen() {{ printf '%s\\0' \"$@\" x >{shlex.quote(str(out))}; }}; "
                          f". {shlex.quote(str(self.files.script(BTFGEN, 'bash')))}; PS1='go> '\r")
            terminal.wait_for(lambda: "\ngo> " in terminal.shown or "\rgo> " in terminal.shown)
            terminal.type(line + tabs + "\r")
            terminal.wait_for(out.exists)
            terminal.wait_for(lambda: out.read_bytes().endswith(b"x\0"))
            words = out.read_bytes().decode().split("\0")[:-2]
            out.unlink()
            return words
        finally:
            terminal.close()

    def test_at_a_terminal(self):
        cases = {
            "btfgen exp": ["explain"],
            "btfgen dump --form": ["dump", "--format="],
            "btfgen dump --format=json-": ["dump", "--format=json-pretty"],
            "btfgen dump --kind=struct,fw": ["dump", "--kind=struct,fwd"],
            "btfgen dump -F c-": ["dump", "-F", "c-unsorted"],
            "btfgen --no-perc": ["--no-percpu"],
            "btfgen dump two": ["dump", "two words"],
            "btfgen dump 'two": ["dump", "two words"],
            "btfgen --base=dol": ["--base=dollar$HOME"],
            "btfgen --base it": ["--base", "it's"],
            "btfgen dump a\\ fol": ["dump", "a folder/"],
            "btfgen --output-dir=a": ["--output-dir=a folder/"],
            "btfgen --output-dir pl": ["--output-dir", "pl"],
            "btfgen dump vmlinux pl": ["dump", "vmlinux", "pl"],
            "btfgen -opl": ["-oplain"],
        }
        for line, wanted in cases.items():
            with self.subTest(line):
                self.assertEqual(self.typed(line), wanted)


@unittest.skipUnless(os.path.exists(BASH_COMPLETION), "no bash-completion")
@need("bash")
class BashCompletionTest(BashTest):
    """Beside bash-completion, whose functions and variables are there then."""

    def shell(self, program):
        return Bash(self.files.script(program, "bash"), self.files.work, with_bash_completion=True)

    def test_is_loaded_when_first_wanted(self):
        folder = self.files.folder / "data" / "bash-completion" / "completions"
        folder.mkdir(parents=True)
        shutil.copy(self.files.script(BTFGEN, "bash"), folder / "btfgen")
        environment = clean_environment(self.files.folder) | {"XDG_DATA_DIRS": str(self.files.folder / "data")}
        done = subprocess.run(["bash", "--norc", "-c", f". {BASH_COMPLETION}; _completion_loader btfgen; complete -p btfgen"],
                              capture_output=True, text=True, check=False, env=environment)
        self.assertEqual(done.stdout, "complete -F _btfgen btfgen\n")


@need("zsh")
class ZshTest(Common, unittest.TestCase):
    def shell(self, program):
        zsh = Zsh(f"source {shlex.quote(str(self.files.script(program, 'zsh')))}", self.files.work)
        self.addCleanup(zsh.close)
        return zsh

    def test_files(self):
        everything = set(Files.NAMES) | {"a folder"}
        files, base, folders, value = self.offers("btfgen dump ", "btfgen --base ", "btfgen --output-dir ", "btfgen --base=pl")
        self.assertEqual((files, base, folders), (everything, everything, {"a folder"}))
        self.assertEqual(self.value_part(value), {"plain"})

    def test_line_afterwards(self):
        zsh = self.shell(BTFGEN)
        for line, wanted in {"btfgen exp": "btfgen explain ", "btfgen dump --form": "btfgen dump --format=",
                             "btfgen dump tw": "btfgen dump two\\ words ",
                             "btfgen dump -k struct,fw": "btfgen dump -k struct,fwd,",
                             "btfgen dump -F json-": "btfgen dump -F json-pretty ",
                             "btfgen --report=js": "btfgen --report=json "}.items():
            self.assertEqual(zsh.ask(line)[1], wanted)

    def test_as_a_file_of_fpath(self):
        folder = self.files.folder / "functions"
        folder.mkdir()
        shutil.copy(self.files.script(BTFGEN, "zsh"), folder / "_btfgen")
        zsh = Zsh(f"fpath=({shlex.quote(str(folder))} $fpath); compinit -D -u", self.files.work)
        self.addCleanup(zsh.close)
        first, again = zsh.offers(["btfgen completion ", "btfgen completion "])
        self.assertEqual((first, again), ({"bash", "zsh", "fish", "json"},) * 2)


@need("fish")
class FishTest(Common, unittest.TestCase):
    def shell(self, program):
        return Fish(self.files.script(program, "fish"), self.files.work)

    def test_files(self):
        everything = set(Files.NAMES) | {"a folder/"}
        files, base, folders, value = self.offers("btfgen dump ", "btfgen --base ", "btfgen --output-dir ", "btfgen --base=pl")
        self.assertEqual((files, base, folders), (everything, everything, {"a folder/"}))
        self.assertEqual(self.value_part(value), {"plain"})


class TablesTest(unittest.TestCase):
    """What no shell is needed for."""

    def setUp(self):
        self.verbs = json.loads(output("completion", "json"))["verbs"]

    def test_every_value_and_operand_has_a_hint(self):
        for verb in self.verbs:
            for option in verb["options"]:
                if "value" in option:
                    self.assertIsNotNone(option["value"]["hint"], f"{verb['name']} --{option['name']}")
            self.assertIsNotNone(verb["first_operand"]["hint"], verb["name"])
            self.assertIsNotNone(verb["more_operands"]["hint"], verb["name"])

    def test_hints_agree_with_the_help(self):
        """FILE is a file and DIR a folder."""
        for verb in self.verbs:
            for option in verb["options"]:
                value = option.get("value")
                if value and value["name"] in ("FILE", "DIR"):
                    self.assertEqual(value["hint"], value["name"].lower(), f"{verb['name']} --{option['name']}")

    def test_words_are_taken(self):
        """Each by itself; the input is missing, which comes after the command line."""
        for verb in self.verbs:
            for option in verb["options"]:
                for word in option.get("value", {}).get("words", ()):
                    done = subprocess.run([BTFGEN, verb["name"], f"--{option['name']}={word}", "/nonexistent/a",
                                           "/nonexistent/b"], capture_output=True, text=True, check=False)
                    self.assertNotRegex(done.stderr, f"option '--{option['name']}'")

    def test_words_and_hints_go_together(self):
        for verb in self.verbs:
            places = [option["value"] for option in verb["options"] if "value" in option]
            for place in places + [verb["first_operand"], verb["more_operands"]]:
                self.assertEqual(bool(place["words"]), place["hint"] in ("word", "list", "signed"), verb["name"])
                self.assertEqual(len(place["words"]), len(set(place["words"])))

    def test_usage_errors(self):
        for args in ((), ("bash", "zsh"), ("tcsh",)):
            done = subprocess.run([BTFGEN, "completion", *args], capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertTrue(done.stderr.endswith("; try 'btfgen completion --help'\n"))


if __name__ == "__main__":
    BTFGEN, ODD = sys.argv[1], sys.argv[2]
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
