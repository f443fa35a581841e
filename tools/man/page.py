# SPDX-License-Identifier: MIT
"""An entry or a header as a man page, in the macros of man(7)."""

import header

def escape(text):
    """Text that roff leaves alone."""
    text = text.replace('\\', '\\e').replace('-', '\\-').replace("'", '\\(aq').replace('`', '\\(ga')
    text = ''.join(char if char < '\x7f' else f'\\[u{ord(char):04X}]' for char in text)
    return '\\&' + text if text.startswith('.') else text


class Page:
    def __init__(self, name, section, version, known):
        """`version`: number and date; `known`: the page of each public name."""
        self.name, self.section, self.known = name, section, known
        self.mentioned = []
        self.lines = [
            '.\\" SPDX-License-Identifier: MIT',
            f'.TH {name} {section} {version[1]} "ferry {version[0]}" "ferry"',
            '.ad l',  # names are long, and set no line well
        ]

    def heading(self, name):
        self.lines.append(f'.SH {name}')

    def text(self, text):
        """A paragraph's text, a line per sentence's piece, names in bold."""
        self.mentioned += [name for name in header.PUBLIC.findall(text) if name in self.known]
        self.lines.append(header.PUBLIC.sub(r'\\fB\\%\g<0>\\fR', escape(text)))

    def items(self, items):
        for term, text in items:
            self.lines += ['.TP', f'.B {escape(term)}']
            self.text(text)

    def blocks(self, blocks):
        for number, (kind, content) in enumerate(blocks):
            if kind == 'list':
                self.items(content)
                continue
            if number:
                self.lines.append('.PP')
            self.text(content)

    def errors(self, errors, otherwise):
        self.text('errno is set to:' if errors else otherwise[:1].upper() + otherwise[1:])
        self.items([(errnos, cause[:1].upper() + cause[1:] + '.') for errnos, cause in errors])

    def code(self, lines, bold=False):
        self.lines.append('.nf' if bold else '.EX')
        for line in lines:
            self.lines.append((f'\\fB{escape(line)}\\fR' if bold else escape(line)) if line
                              else '.sp')
        self.lines.append('.fi' if bold else '.EE')

    def see_also(self, names, *subjects):
        pages = dict.fromkeys(self.known[name] for name in names)
        listed = [f'{page}(3)' for page in pages if page != self.name]
        listed += [f'{name}(7)' for name in subjects if (name, 7) != (self.name, self.section)]
        self.heading('SEE ALSO')
        for number, page in enumerate(listed, 1):
            name, _, section = page.partition('(')
            comma = ',' if number < len(listed) else ''
            self.lines.append(f'.BR {name} ({section}{comma}')

    def __str__(self):
        return '\n'.join(self.lines) + '\n'


def of_entry(head, entry, shared, version, known):
    """The page of an entry: (its name, its text)."""
    page = Page(entry.names[0], 3, version, known)
    page.heading('NAME')
    purpose = entry.purpose[:1].lower() + entry.purpose[1:]
    page.lines.append(f'{", ".join(entry.names)} \\- {escape(purpose)}')
    page.heading('LIBRARY')
    page.lines.append('ferry (libferry, \\-lferry; pkg\\-config ferry)')
    page.heading('SYNOPSIS')
    page.code(['#include <ferry/ferry.h>', '', *entry.synopsis()], bold=True)
    page.heading('DESCRIPTION')
    page.blocks(entry.sections.get('description', []))
    if 'returns' in entry.sections or entry.callable and entry.gives_nothing:
        page.heading('RETURN VALUE')
        page.blocks(entry.sections.get('returns', [('text', 'None.')]))
    if 'errors' in entry.sections:
        page.heading('ERRORS')
        page.errors(header.errors_of(entry.errors, shared), entry.errors)
    if 'place' in entry.sections:
        page.heading('CONTEXT')
        page.blocks(entry.sections['place'])
    page.heading('EXAMPLES')
    page.code(head.example_for(entry).splitlines())
    page.see_also(page.mentioned, head.subject, 'ferry')
    return page.name, str(page)


def of_subject(head, version, known):
    """The page of a header's opening comment: (its name, its text)."""
    page = Page(head.subject, 7, version, known)
    page.heading('NAME')
    page.lines.append(f'{head.subject} \\- {escape(head.title[:1].lower() + head.title[1:])}')
    page.heading('SYNOPSIS')
    page.code([f'#include <{head.include}>'], bold=True)
    page.heading('DESCRIPTION')
    for section in ('description', 'returns', 'place'):
        page.blocks(head.about.sections.get(section, []))
    page.heading('FUNCTIONS')
    for entry in head.entries:
        page.lines += ['.TP', f'.B {", ".join(entry.names)}']
        page.lines.append(escape(entry.purpose) + '.')
    page.heading('EXAMPLES')
    page.code(head.about.example.splitlines())
    page.see_also([entry.names[0] for entry in head.entries], 'ferry')
    return page.name, str(page)


def of_all(head, others, version, known):
    """ferry(7): ferry.h's opening comment, then every header with what is in it."""
    page = Page('ferry', 7, version, known)
    page.heading('NAME')
    page.lines.append(f'ferry \\- {escape(head.title.removeprefix("ferry: "))}')
    page.heading('LIBRARY')
    page.lines.append('ferry (libferry, \\-lferry; pkg\\-config ferry)')
    page.heading('SYNOPSIS')
    page.code(['#include <ferry/ferry.h>'], bold=True)
    page.heading('DESCRIPTION')
    page.blocks(head.about.sections['description'])
    page.heading('EXAMPLES')
    page.code(head.about.example.splitlines())
    page.heading('SUBJECTS')
    for other in others:
        page.lines += ['.TP', f'.BR {other.subject} (7)', escape(other.title) + '.']
        names = [f'\\%{name}' for entry in other.entries for name in entry.names]
        page.lines += ['.br', ', '.join(names)]
    page.see_also([], *(other.subject for other in others))
    return page.name, str(page)
