# SPDX-License-Identifier: MIT
"""The same tables in Markdown, written into a file between two marks, so that the words around them
stay when the figures are renewed. A file without the marks is written whole."""

from report import sentences, table, verdict

BEGIN = "<!-- bench/run writes from here -->"
END = "<!-- to here -->"


def lines_of_case(case, medians, failures):
    yield f"\n### {case.title}\n"
    if case.goal:
        yield f"Goal: {case.goal}.\n"
    if medians:
        head, *rows = table(medians)
        yield "| " + " | ".join(head) + " |"
        yield "| --- |" + " ---: |" * (len(head) - 1)
        yield from ("| " + " | ".join(row) + " |" for row in rows)
    for peer, sentence in failures.items():
        yield f"\n{peer}: {sentence}"
    if sentence := verdict(case, medians):
        yield f"\nferry: {sentence}."


def write(path, about, rounds, seconds, results):
    """`results`: (case, medians, failures) in order."""
    lines = [BEGIN]
    lines += [f"- {sentence}" for sentence in sentences(about, rounds, seconds)]
    for result in results:
        lines += lines_of_case(*result)
    text = "\n".join(lines + [END]) + "\n"
    old = path.read_text() if path.exists() else ""
    if BEGIN in old and END in old:
        before, after = old.partition(BEGIN)[0], old.partition(END)[2]
        text = before + text.rstrip("\n") + after
    path.write_text(text)
    print(f"\nwrote {path}")
