"""People: invented names, numbers reserved for fiction and addresses under .example."""

import unicodedata

FIRST_NAMES = (
    "Jeanne", "Maël", "Élodie", "Yann", "Aurélie", "Gwenaëlle", "Loïc", "Noémie", "Tanguy", "Solène",
    "Katrin", "Jürgen", "Anke", "Matteo", "Giulia", "Íñigo", "Lucía", "Sanne", "Bram", "Ingrid",
    "Søren", "Zofia", "Paweł", "Tomáš", "Ilona", "Rui", "Beatriz", "Aoife", "Ciarán", "Eleni",
)  # fmt: skip
LAST_NAMES = (
    "Kerbrat", "Le Goff-Marzin", "Tréguier", "d'Aubrac", "Quéméneur", "Lamballais", "Rostrenen", "Guivarch",
    "Holzmann", "Brückner", "Seidl", "Bellariva", "Montefosco", "Alborán", "Echeverri", "van der Loo",
    "Kuipers", "Fjordholm", "Østby", "Wiśnicki", "Dvorský", "Halmos", "Figueiredo", "Azevedo", "O'Dwyer",
    "Mac Fadden", "Kalliris", "Tersánszky", "Vasquine",
)  # fmt: skip


def first_name(number: int) -> str:
    return FIRST_NAMES[number % len(FIRST_NAMES)]


def last_name(number: int) -> str:
    """29 names beside 30 first names: the first 870 pairs are all different."""
    return LAST_NAMES[number % len(LAST_NAMES)]


def plain(text: str) -> str:
    """Lower-case ASCII letters only, as in a login."""
    folded = unicodedata.normalize("NFKD", text.replace("ø", "o").replace("Ø", "O").replace("ł", "l"))
    return "".join(letter for letter in folded.lower() if letter.isascii() and letter.isalpha())


def cp1252(text: str) -> str:
    """The same text with what Windows' code page cannot write reduced to a plain letter."""
    return "".join(c if _writable(c) else unicodedata.normalize("NFKD", c)[0] for c in text.replace("ł", "l"))


def phone(number: int) -> str:
    """French numbers kept for fiction: +33 1 99 00 xx xx and +33 6 39 98 xx xx."""
    start = "+33 6 39 98" if number % 2 else "+33 1 99 00"
    last = (number // 2) % 7000  # 71 xx is left to the canaries
    return f"{start} {last // 100:02d} {last % 100:02d}"


def _writable(letter: str) -> bool:
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
