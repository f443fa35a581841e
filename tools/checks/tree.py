# SPDX-License-Identifier: MIT
"""What the checks share: the files of the tree, and how a finding is said.

A check is a program: `tools/checks/NAME.py [--root FOLDER]`. It prints its findings, a line each
("file:line: sentence"), and returns 1 when there are any. tests/checks/planted.py plants a
violation of each rule in a small tree and sees that it is found.
"""

import argparse
import pathlib
import re
import subprocess
import sys


def arguments(doc, *more):
    """The command line of a check; `more` are names of extra options."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument('--root', type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent.parent)
    for name in more:
        parser.add_argument(name)
    return parser.parse_args()


def files(root, *suffixes, below=('',)):
    """The tree's files, as git sees them (new ones included), as sorted paths relative to root."""
    if (root / '.git').exists():
        listed = subprocess.run(['git', 'ls-files', '-co', '--exclude-standard'], cwd=root,
                                capture_output=True, text=True, check=True).stdout.splitlines()
        paths = [pathlib.PurePath(line) for line in listed if (root / line).is_file()]
    else:
        paths = [path.relative_to(root) for path in root.rglob('*') if path.is_file()]
    return sorted(path for path in set(paths)
                  if (not suffixes or path.suffix in suffixes or path.name in suffixes)
                  and any(str(path).startswith(folder) for folder in below))


def lines(root, path):
    """The file's lines with their numbers."""
    return enumerate((root / path).read_text(errors='replace').splitlines(), 1)


def without_comments(text):
    """C text with comments and string contents blanked, line numbers kept."""
    def blank(match):
        found = match.group(0)
        if found[0] in '"\'':
            return found[0] + ' ' * (len(found) - 2) + found[0]
        return re.sub(r'[^\n]', ' ', found)
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text,
                  flags=re.DOTALL)


class Findings:
    SHOWN = 40

    def __init__(self):
        self.count = 0

    def add(self, path, line, sentence):
        self.count += 1
        if self.count <= self.SHOWN:
            print(f'{path}:{line}: {sentence}')

    def end(self):
        if self.count > self.SHOWN:
            print(f'and {self.count - self.SHOWN} more')
        sys.exit(1 if self.count else 0)
