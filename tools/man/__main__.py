# SPDX-License-Identifier: MIT
"""python3 tools/man OUT CHANGELOG HEADER…: man pages out of the public headers.

OUT/man3 gets a page for each entry (a function, a macro, a type with a manual; header.py has the
convention), and a link to it under each further name; OUT/man7 a page for each header, and
ferry(7), which leads to all of them. Version and date are those of the newest entry of CHANGELOG
(Debian's), so the same tree gives the same bytes. What a comment doesn't say is left out.
"""

import email.utils
import os
import pathlib
import re
import shutil
import sys

import header
import page


def version_of(changelog):
    text = pathlib.Path(changelog).read_text()
    date = email.utils.parsedate_to_datetime(re.search(r'^ -- .*>  (.*)$', text, re.MULTILINE)[1])
    return re.search(r'\((.*?)(?:-\d+)?\)', text)[1], f'{date:%Y-%m-%d}'


def main(out, changelog, *paths):
    version = version_of(changelog)
    heads = [header.read(path) for path in sorted(paths)]
    shared = header.shared_errors(heads)
    known = {name: entry.names[0] for head in heads for entry in head.entries
             for name in entry.names}
    files = {}
    for head in heads:
        for entry in head.entries:
            name, text = page.of_entry(head, entry, shared, version, known)
            files[f'man3/{name}.3'] = text
            for other in entry.names[1:]:
                files[f'man3/{other}.3'] = f'.so man3/{name}.3\n'
        if head.entries:
            name, text = page.of_subject(head, version, known)
            files[f'man7/{name}.7'] = text
        if head.subject == 'ferry':
            order = head.path.read_text()  # its includes: the order in which to read them
            others = sorted((other for other in heads if other.entries),
                            key=lambda other: order.find(other.include))
            files['man7/ferry.7'] = page.of_all(head, others, version, known)[1]

    for folder in ('man3', 'man7'):
        shutil.rmtree(pathlib.Path(out, folder), ignore_errors=True)
        pathlib.Path(out, folder).mkdir(parents=True)
    for name, text in files.items():
        pathlib.Path(out, name).write_text(text)
    for folder in ('man3', 'man7'):
        os.utime(pathlib.Path(out, folder))  # ninja's outputs are the folders


main(*sys.argv[1:])
