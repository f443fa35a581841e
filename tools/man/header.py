# SPDX-License-Identifier: MIT
"""A public header, read as the manual that it is.

    /*
     * T ferry_wait_for(T, ferry_task *task, double seconds)      prototypes: of macros only
     *
     * Awaits a task with a time limit. When it runs out ...      first sentence: what it does, in
     *                                                            a line; then all there is to say
     *     int got = ferry_wait_for(int, task, 0.5);              an example: indented by 4
     *
     * Returns what the function returned, else the skip value.
     * Errors: those of a task; ETIMEDOUT the task had no result to give by then.
     * From a task; suspends.
     */
    #define ferry_wait_for(type, task, seconds) ...

A comment and the declarations right below it, up to a blank line, are one *entry*: one page, under
all the names that it declares. "Returns", "Errors:" and the place ("From ...", "Any thread ...")
begin with these words, at the start of a sentence; each reaches to the next of them or to the end
of the paragraph. Errors are separated by semicolons: errno's names, then the cause; "none" where
there are none; "those of X" are the ones that an opening comment lists as "Errors of X: ...".

Lines indented by 2 are a list: "  term   text", the text two blanks or more away from its term.

The opening comment of a header is the page of its subject, and its example stands for entries
without one of their own. What is named ferry__ or FERRY__ is not for users and has no page.
"""

import dataclasses
import pathlib
import re

PUBLIC = re.compile(r'\b(?:ferry|FERRY)_(?!_)\w+')
OPENERS = {'Returns ': 'returns', 'Errors: ': 'errors', 'Errors of ': 'shared', 'From ': 'place',
           'Any thread': 'place'}
PRIVATE = ('/* What the macro',)  # "is made of", "calls"
ERRNOS = re.compile(r'(E[A-Z0-9]+(?:(?:, | or | and )E[A-Z0-9]+)*),? ?(.*)')


@dataclasses.dataclass
class Item:
    """A comment or a declaration of the header; `above`: it stands right below the one before."""
    kind: str  # comment, function, macro, type, initializer (FERRY_..._INIT), other
    line: int
    text: str
    above: bool
    name: str = ''

    @property
    def callable(self):
        return self.kind in ('function', 'macro')

    def synopsis(self):
        """What a reader wants to see of the declaration; of a macro that's its comment's."""
        if self.kind == 'initializer':
            return [re.match(r'#define (\w+(?:\(\w+\))?)', self.text)[1]]
        if self.kind not in ('function', 'type'):
            return []
        text = re.sub(r'\s*__attribute__\(\(.*\)\)', '', self.text).replace(' FERRY__ZERO', '')
        lines = [line for line in text.splitlines() if 'ferry__' not in line]
        whole = re.sub(r'\{\n\}', '{ ... }', '\n'.join(lines))
        return whole.splitlines()


@dataclasses.dataclass
class Entry:
    line: int
    items: list
    prototypes: list = dataclasses.field(default_factory=list)
    sections: dict = dataclasses.field(default_factory=dict)  # name -> [('text' | 'list', …)]
    example: str = ''

    @property
    def names(self):
        """What can be called first: a type on its page is a by-name."""
        ordered = sorted(self.items, key=lambda item: not item.callable)
        return list(dict.fromkeys(item.name for item in ordered if item.name))

    @property
    def callable(self):
        return any(item.callable for item in self.items)

    def text_of(self, section):
        return ' '.join(content for kind, content in self.sections.get(section, [])
                        if kind == 'text')

    @property
    def errors(self):
        return self.text_of('errors').removeprefix('Errors: ')

    @property
    def purpose(self):
        """The first sentence up to its first pause: the page's NAME."""
        return re.split(r'[.:;](?:\s|$)', self.text_of('description'))[0]

    @property
    def gives_nothing(self):
        """Void functions, and macros that open a block."""
        said = self.prototypes + [item.text for item in self.items if item.kind == 'function']
        return all(re.match(r'void \w|FERRY_\w+.*\{', line) for line in said if line[0] != ' ')

    def synopsis(self):
        return self.prototypes + [line for item in self.items for line in item.synopsis()]


@dataclasses.dataclass
class Header:
    path: pathlib.Path
    title: str
    about: Entry
    entries: list
    bare: list  # items that should have a manual and have none

    @property
    def include(self):
        return f'ferry/{self.path.name}'

    @property
    def subject(self):
        """The page of its opening comment: of ferry/task.h ferry_task(7), of ferry.h ferry(7)."""
        return 'ferry' if self.path.stem == 'ferry' else f'ferry_{self.path.stem}'

    def example_for(self, entry):
        """Its own example, else one of this header that uses one of its names, else the first."""
        others = [self.about.example] + [other.example for other in self.entries]
        using = [text for text in others if set(PUBLIC.findall(text)) & set(entry.names)]
        return ([entry.example] if entry.example else using + [self.about.example])[0]


def c_arm(text):
    """The header's lines as C sees them: those for C++ become blank."""
    inside = []  # one per open #if: does it hide the lines now?
    for line in text.splitlines():
        word = line.split()[0] if line.split() else ''
        if word.startswith('#if'):
            inside.append(line.split() == ['#ifdef', '__cplusplus'])
        elif word == '#else':
            inside[-1] = False
        elif word == '#endif':
            inside.pop()
        yield '' if any(inside) or word.startswith(('#if', '#else', '#endif')) else line


def classify(text):
    """(kind, public name) of a declaration."""
    first = PUBLIC.search(text)
    if text.startswith('#define '):
        name = re.match(r'#define (\w+)', text)[1]
        public = PUBLIC.fullmatch(name) and not re.fullmatch(r'FERRY_\w+_H', name)
        if not public:
            return 'other', ''
        return 'initializer' if '_INIT' in name else 'macro', name
    if text.startswith('#') or text.startswith('struct ') and '{' in text:
        return 'other', ''
    if text.startswith('typedef'):
        plain = re.sub(r'\{.*\}', '', text, flags=re.DOTALL)
        names = PUBLIC.findall(plain.partition('(')[0])
        return 'type', names[-1] if names else ''
    called = re.search(r'\b(ferry_(?!_)\w+)\(', text)
    return ('function', called[1]) if first and called else ('other', '')


def items(text):
    """The header's comments and declarations, in order."""
    lines = list(c_arm(text))
    at, touching = 0, False
    while at < len(lines):
        start = at
        line = lines[at]
        at += 1
        if not line.strip():
            touching = False
            continue
        if line.startswith('/*'):
            while '*/' not in lines[at - 1]:
                at += 1
            yield Item('comment', start + 1, '\n'.join(lines[start:at]), touching)
        else:
            whole = line
            while whole.endswith('\\') if line.startswith('#') else not complete(whole):
                whole += '\n' + lines[at]
                at += 1
            kind, name = classify(whole)
            yield Item(kind, start + 1, whole, touching, name)
        touching = True


def complete(declaration):
    bare = re.sub(r'/\*.*?\*/', '', declaration, flags=re.DOTALL)
    return bare.rstrip().endswith((';', '}')) and bare.count('{') == bare.count('}')


def paragraphs(comment):
    """The comment's text, dedented, in paragraphs of lines."""
    inner = comment.strip()[2:-2].splitlines()
    lines = [re.sub(r'^ \* ?', '', line).rstrip() for line in inner]
    lines[0] = lines[0].lstrip()
    if len(inner) > 1 and not inner[1].startswith(' *'):
        lines = [lines[0]] + [line.strip() for line in inner[1:]]
    for part in re.split(r'\n\s*\n', '\n'.join(lines).strip('\n')):
        if part.strip():
            yield part.rstrip().splitlines()


def list_of(lines):
    """[(term, text)] of lines indented by 2."""
    found = []
    for line in lines:
        if line.startswith('  ') and not line.startswith('   '):
            term, _, text = line.strip().partition('  ' if not line[2].isdigit() else ' ')
            found.append((term, text.strip()))
        else:
            found[-1] = (found[-1][0], f'{found[-1][1]} {line.strip()}'.strip())
    return found


def read_manual(entry, comment):
    """Puts the comment's paragraphs into the entry."""
    section, ended_open = 'description', False
    functions = {item.name for item in entry.items if item.kind == 'function'}
    has_macro = any(item.kind == 'macro' and item.name not in functions for item in entry.items)
    for number, lines in enumerate(paragraphs(comment)):
        if all(line.startswith('    ') for line in lines):
            code = '\n'.join(line[4:] for line in lines)
            entry.example += ('\n\n' if entry.example else '') + code
            continue
        if lines[0].startswith('  '):
            if not ended_open:
                section = 'description'
            entry.sections.setdefault(section, []).append(('list', list_of(lines)))
            continue
        if number == 0 and has_macro:
            entry.prototypes = lines
            continue
        section = 'description'
        tail = next((at for at, line in enumerate(lines) if line.startswith('  ')), len(lines))
        for sentence in re.split(r'(?<=[.)])\s+(?=[A-Z])', ' '.join(lines[:tail])):
            section = next((name for word, name in OPENERS.items()
                            if sentence.startswith(word)), section)
            add_sentence(entry, section, sentence)
        ended_open = lines[tail - 1].endswith(':')
        if tail < len(lines):
            entry.sections[section].append(('list', list_of(lines[tail:])))
        for blocks in entry.sections.values():
            blocks.append(('end', ''))  # of the paragraph
    for blocks in entry.sections.values():
        blocks[:] = [block for block in blocks if block[0] != 'end']


def add_sentence(entry, section, sentence):
    blocks = entry.sections.setdefault(section, [])
    if blocks and blocks[-1][0] == 'text':
        blocks[-1] = ('text', f'{blocks[-1][1]} {sentence}')
    else:
        blocks.append(('text', sentence))


def errors_of(text, shared):
    """[(errnos, cause)] of "Errors: ...", those of others filled in. What isn't errno's names and a
    cause, or is listed nowhere, has no errnos."""
    found = []
    for part in re.split(r';\s', text.rstrip('.')):
        listed = shared.get(part.removeprefix('those of ')) if part.startswith('those of') else None
        match = ERRNOS.fullmatch(part)
        if listed:
            found += errors_of(listed, shared)
        elif match:
            found.append((match[1], match[2]))
        elif part and not part.startswith('none'):
            found.append(('', part))
    return found


def shared_errors(headers):
    """What the opening comments list as "Errors of X: ...": X -> the rest."""
    texts = [text for header in headers for _, text in header.about.sections.get('shared', [])]
    parts = [text.removeprefix('Errors of ').partition(': ') for text in texts]
    return {name: rest for name, _, rest in parts}


def read(path):
    """The Header in the file."""
    found = list(items(pathlib.Path(path).read_text()))
    about, entries, bare = Entry(1, [Item('comment', 1, '', False)]), [], []
    opening = next((item for item in found if item.kind == 'comment' and 'SPDX' not in item.text),
                   None)
    at = 0
    while at < len(found):
        item = found[at]
        at += 1
        block = [item]
        while at < len(found) and found[at].above and found[at].kind != 'comment':
            block.append(found[at])
            at += 1
        if item is opening:
            about = Entry(item.line, [item])
            read_manual(about, item.text)
        elif item.kind == 'comment':
            if any(part.name for part in block) and not item.text.startswith(PRIVATE):
                entries.append(Entry(item.line, block))
                read_manual(entries[-1], item.text)
        else:
            bare += [part for part in block if part.name and part.kind != 'type']
    title = about.text_of('description').partition('. ')[0].rstrip('.')
    return Header(pathlib.Path(path), title, about, entries, bare)
