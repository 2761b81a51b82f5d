"""Reading: what systemd and cron make of what they are given, written from their manuals."""

import re

_ESCAPES = {"\\": "\\", '"': '"', "'": "'"}


def words(line: str) -> list[str]:
    """The words of an ExecStart line: systemd.syntax(7), systemd.service(5)."""
    found: list[str] = []
    word, inside, at = "", "", 0
    started = False
    while at < len(line):
        sign = line[at]
        if sign == "\\":
            at += 1
            word += _ESCAPES[line[at]]
            started = True
        elif inside:
            inside, word = ("", word) if sign == inside else (inside, word + sign)
        elif sign in "\"'":
            inside, started = sign, True
        elif sign == " ":
            found += [word] if started else []
            word, started = "", False
        else:
            word += sign
            started = True
        at += 1
    assert not inside, "a quote that does not end"
    found += [word] if started else []
    return [_literal(word).replace("$$", "$") for word in found]


def unit(text: str) -> dict[str, list[str]]:
    """The values of each setting of a unit. Every line is a comment, a section or a setting: systemd.syntax(7)."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not line or line.startswith("#") or line in ("[Unit]", "[Service]", "[Timer]", "[Install]"):
            continue
        setting = re.fullmatch(r"([A-Z][A-Za-z]+)=(.*[^\\])", line)
        assert setting, line
        found.setdefault(setting[1], []).append(setting[2])
    return found


def crontab(line: str) -> tuple[str, str]:
    """The fields and the command of a line: crontab(5). A % that nothing escapes would end the command."""
    fields, command = re.fullmatch(r"((?:\S+ ){5})(.*)\n?", line).groups()  # type: ignore[union-attr]
    assert not re.search(r"(?<!\\)%", command)
    return fields.strip(), command.replace(r"\%", "%")


def _literal(text: str) -> str:
    assert not re.search("%(?!%)", text.replace("%%", "")), "a specifier"
    return text.replace("%%", "%")
